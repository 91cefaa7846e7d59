import type { Feature } from 'geojson'
import { cellToBoundary } from 'h3-js'
import type { ExpressionSpecification, Map } from 'maplibre-gl'
import type { Tokens } from '@/design/tokens'
import type { Delta } from '@/live/picture'
import type { Cell } from '@/live/protocol'
import { shareOf, valueOf, type Measure } from './measure'
import { Standing } from './standing'

const source = 'hexes'
export const hexFill = 'hexes-fill'

/** The outline of a cell; made once per cell and kept. */
const outlines = new globalThis.Map<string, Feature>()

function outline(cell: string): Feature {
  let feature = outlines.get(cell)
  if (!feature) {
    feature = { type: 'Feature', properties: { cell }, geometry: { type: 'Polygon', coordinates: [cellToBoundary(cell, true)] } }
    outlines.set(cell, feature)
  }
  return feature
}

const share: ExpressionSpecification = ['number', ['feature-state', 'share'], -1]

/** The worse, the more solid; nothing where there is no value. */
function weight(part: number): ExpressionSpecification {
  return ['interpolate', ['linear'], share, -0.01, 0, 0, 0.4 * part, 0.4, 0.55 * part, 1, 0.82 * part]
}

/** Calm to alarming; for a measure that knows no bad, dim to bright. */
function ramp(tokens: Tokens, measure: Measure): ExpressionSpecification {
  return measure.bad === null
    ? ['interpolate-lab', ['linear'], share, 0, tokens['ramp-0'], 1, tokens.accent]
    : ['interpolate-lab', ['linear'], share, 0, tokens['ramp-0'], 0.25, tokens['ramp-1'], 0.45, tokens['ramp-2'], 0.65, tokens['ramp-3'], 1, tokens['ramp-4']]
}

/** The cells as hexagons, coloured by one measure. */
export class Hexes {
  private readonly standing: Standing<Cell>
  private tokens: Tokens | null = null

  constructor(
    private readonly map: Map,
    cells: () => ReadonlyMap<string, Cell>,
    private measure: Measure,
  ) {
    this.standing = new Standing(map, {
      source, things: cells, feature: outline, state: 'share',
      // In hundredths: a change that no eye sees is no change.
      valueOf: (cell) => {
        const part = shareOf(valueOf(cell, this.measure.id), this.measure)
        return part === null ? -1 : Math.round(part * 100) / 100
      },
    })
  }

  /** Puts source and layers into a fresh style. */
  attach(tokens: Tokens, below: string | undefined): void {
    this.tokens = tokens
    this.map.addSource(source, { type: 'geojson', data: { type: 'FeatureCollection', features: [] }, promoteId: 'cell', tolerance: 0, maxzoom: 14 })
    const chosen: ExpressionSpecification = ['boolean', ['feature-state', 'chosen'], false]
    this.map.addLayer({
      id: hexFill, type: 'fill', source,
      paint: {
        'fill-color': ramp(tokens, this.measure),
        // Close by, streets and houses are to be seen through them.
        'fill-opacity': ['interpolate', ['linear'], ['zoom'], 12, weight(1), 14.5, weight(0.4), 16.5, weight(0.22)],
        'fill-antialias': false,
      },
    }, below)
    this.map.addLayer({
      id: 'hexes-line', type: 'line', source,
      paint: {
        'line-color': ['case', chosen, tokens['ink-1'], tokens.ground],
        'line-width': ['case', chosen, 2.5, 1],
        'line-opacity': ['case', chosen, 1, ['<', share, 0], 0, 0.75],
      },
    }, below)
    this.standing.begin()
  }

  take(delta: Delta): void {
    if (delta.reset) this.standing.redraw()
    this.standing.touch(delta.changed.cells, delta.gone.cells)
  }

  colourBy(measure: Measure): void {
    this.measure = measure
    if (this.tokens && this.map.getLayer(hexFill)) this.map.setPaintProperty(hexFill, 'fill-color', ramp(this.tokens, measure))
    this.standing.redraw()
  }

  choose(cell: string | null): void {
    this.standing.choose(cell)
  }

  detach(): void {
    this.standing.end()
  }
}
