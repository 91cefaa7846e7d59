import type { Feature } from 'geojson'
import { cellToBoundary } from 'h3-js'
import type { ExpressionSpecification, GeoJSONSource, GeoJSONSourceDiff, Map } from 'maplibre-gl'
import type { Tokens } from '@/design/tokens'
import type { Delta } from '@/live/picture'
import type { Cell } from '@/live/protocol'
import { shareOf, valueOf, type Measure } from './measure'

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

/**
 * The cells as hexagons. Their shapes go to the map once; a new value is a
 * feature-state, which costs no new geometry. Everything that came since the
 * last drawn frame goes in together.
 */
export class Hexes {
  private measure: Measure
  private drawn = new Set<string>()
  private shares = new globalThis.Map<string, number>()
  private dirty = new Set<string>()
  private all = true
  private frame = 0
  private chosen: string | null = null
  private tokens: Tokens | null = null

  constructor(
    private readonly map: Map,
    private readonly cells: () => ReadonlyMap<string, Cell>,
    measure: Measure,
  ) {
    this.measure = measure
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
    this.drawn.clear()
    this.shares.clear()
    this.all = true
    this.plan()
  }

  take(delta: Delta): void {
    if (delta.reset) this.all = true
    for (const id of delta.changed.cells) this.dirty.add(id)
    for (const id of delta.gone.cells) this.dirty.add(id)
    if (delta.reset || this.dirty.size > 0) this.plan()
  }

  colourBy(measure: Measure): void {
    this.measure = measure
    if (this.tokens && this.map.getLayer(hexFill)) this.map.setPaintProperty(hexFill, 'fill-color', ramp(this.tokens, measure))
    this.all = true
    this.plan()
  }

  choose(cell: string | null): void {
    if (this.chosen) this.state(this.chosen, { chosen: false })
    this.chosen = cell
    if (cell) this.state(cell, { chosen: true })
  }

  detach(): void {
    cancelAnimationFrame(this.frame)
  }

  private plan(): void {
    if (this.frame === 0) this.frame = requestAnimationFrame(() => { this.draw() })
  }

  private draw(): void {
    this.frame = 0
    const data = this.map.getSource<GeoJSONSource>(source)
    if (!data) return
    const cells = this.cells()
    const look = this.all ? new Set([...cells.keys(), ...this.drawn]) : this.dirty
    const diff: Required<Pick<GeoJSONSourceDiff, 'add' | 'remove'>> = { add: [], remove: [] }
    for (const id of look) {
      const cell = cells.get(id)
      if (!cell) {
        if (this.drawn.delete(id)) diff.remove.push(id)
        this.shares.delete(id)
        continue
      }
      if (!this.drawn.has(id)) {
        this.drawn.add(id)
        diff.add.push(outline(id))
      }
      // In hundredths: a change that no eye sees is no change.
      const share = shareOf(valueOf(cell, this.measure.id), this.measure)
      const step = share === null ? -1 : Math.round(share * 100) / 100
      if (this.shares.get(id) !== step) {
        this.shares.set(id, step)
        this.state(id, { share: step })
      }
    }
    this.all = false
    this.dirty.clear()
    if (diff.add.length > 0 || diff.remove.length > 0) void data.updateData(diff)
  }

  private state(cell: string, state: Record<string, unknown>): void {
    if (this.map.getSource(source)) this.map.setFeatureState({ source, id: cell }, state)
  }
}
