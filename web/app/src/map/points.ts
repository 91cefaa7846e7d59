import type { ExpressionSpecification, GeoJSONSource, GeoJSONSourceDiff, Map } from 'maplibre-gl'
import type { Tokens } from '@/design/tokens'
import type { Delta } from '@/live/picture'
import type { Device } from '@/live/protocol'

const source = 'points'
export const pointCircle = 'points-circle'

export function inAlarm(device: Device): boolean {
  for (const key in device.values) if (device.values[key]?.[1] === 1) return true
  return false
}

/** Devices as dots: quiet while all is well, lit in alarm. They stand still, so only their state changes. */
export class Points {
  private drawn = new globalThis.Map<string, boolean>()
  private dirty = new Set<string>()
  private all = true
  private frame = 0
  private chosen: string | null = null

  constructor(
    private readonly map: Map,
    private readonly devices: () => ReadonlyMap<string, Device>,
  ) {}

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
    this.drawn.clear()
    this.all = true
    this.plan()
  }

  take(delta: Delta): void {
    if (delta.reset) this.all = true
    for (const id of delta.changed.devices) this.dirty.add(id)
    for (const id of delta.gone.devices) this.dirty.add(id)
    if (delta.reset || this.dirty.size > 0) this.plan()
  }

  choose(id: string | null): void {
    if (this.chosen) this.state(this.chosen, { chosen: false })
    this.chosen = id
    if (id) this.state(id, { chosen: true })
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
    const devices = this.devices()
    const look = this.all ? new Set([...devices.keys(), ...this.drawn.keys()]) : this.dirty
    const diff: Required<Pick<GeoJSONSourceDiff, 'add' | 'remove'>> = { add: [], remove: [] }
    for (const id of look) {
      const device = devices.get(id)
      if (!device) {
        if (this.drawn.delete(id)) diff.remove.push(id)
        continue
      }
      const alarm = inAlarm(device)
      const before = this.drawn.get(id)
      if (before === undefined) {
        diff.add.push({ type: 'Feature', properties: { id }, geometry: { type: 'Point', coordinates: [device.lon, device.lat] } })
      }
      if (before !== alarm) {
        this.drawn.set(id, alarm)
        this.state(id, { alarm })
      }
    }
    this.all = false
    this.dirty.clear()
    if (diff.add.length > 0 || diff.remove.length > 0) void data.updateData(diff)
  }

  private state(id: string, state: Record<string, unknown>): void {
    if (this.map.getSource(source)) this.map.setFeatureState({ source, id }, state)
  }
}
