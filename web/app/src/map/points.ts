import type { ExpressionSpecification, Map } from 'maplibre-gl'
import type { Tokens } from '@/design/tokens'
import type { Delta } from '@/live/picture'
import type { Device } from '@/live/protocol'
import { Standing } from './standing'

const source = 'points'
export const pointCircle = 'points-circle'

export function inAlarm(device: Device): boolean {
  for (const key in device.values) if (device.values[key]?.[1] === 1) return true
  return false
}

/** Devices as dots: quiet while all is well, lit in alarm. */
export class Points {
  private readonly standing: Standing<Device>

  constructor(
    private readonly map: Map,
    devices: () => ReadonlyMap<string, Device>,
  ) {
    this.standing = new Standing(map, {
      source, things: devices, state: 'alarm', valueOf: inAlarm,
      feature: (id, device) => ({ type: 'Feature', properties: { id }, geometry: { type: 'Point', coordinates: [device.lon, device.lat] } }),
    })
  }

  attach(tokens: Tokens, below: string | undefined): void {
    this.map.addSource(source, { type: 'geojson', data: { type: 'FeatureCollection', features: [] }, promoteId: 'id', maxzoom: 15 })
    const alarm: ExpressionSpecification = ['boolean', ['feature-state', 'alarm'], false]
    const chosen: ExpressionSpecification = ['boolean', ['feature-state', 'chosen'], false]
    this.map.addLayer({
      id: pointCircle, type: 'circle', source,
      paint: {
        'circle-radius': ['interpolate', ['linear'], ['zoom'], 9, ['case', alarm, 2.6, 1.1], 12, ['case', alarm, 4.5, 2.2], 15, ['case', alarm, 7, 5]],
        'circle-color': ['case', alarm, tokens['severity-3'], tokens['ink-2']],
        'circle-opacity': ['interpolate', ['linear'], ['zoom'], 9, ['case', alarm, 1, 0.45], 13, ['case', alarm, 1, 0.9]],
        'circle-stroke-color': ['case', chosen, tokens['ink-1'], tokens.ground],
        'circle-stroke-width': ['interpolate', ['linear'], ['zoom'], 9, ['case', chosen, 3, 0], 12, ['case', chosen, 3, 1]],
        'circle-pitch-alignment': 'viewport',
      },
    }, below)
    this.standing.begin()
  }

  take(delta: Delta): void {
    if (delta.reset) this.standing.redraw()
    this.standing.touch(delta.changed.devices, delta.gone.devices)
  }

  choose(id: string | null): void {
    this.standing.choose(id)
  }

  detach(): void {
    this.standing.end()
  }
}
