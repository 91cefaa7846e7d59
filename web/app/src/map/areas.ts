import type { Feature, FeatureCollection, Position } from 'geojson'
import type { GeoJSONSource, Map } from 'maplibre-gl'
import type { Region } from '@/api/types'
import type { Tokens } from '@/design/tokens'

type Polygons = Position[][][]

const polygonsOf = (g: Region['geometry']): Polygons => (!g ? [] : g.type === 'Polygon' ? [g.coordinates] : g.coordinates)

/** Everything but the region: a plate with holes in it. */
export function outside(region: Region | null): Feature {
  const plate: Position[] = [[-180, -85], [180, -85], [180, 85], [-180, 85], [-180, -85]]
  const holes = polygonsOf(region?.geometry).flatMap((p) => p.slice(0, 1))
  return { type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates: holes.length > 0 ? [plate, ...holes] : [] } }
}

/** Points of a region's outer borders, at most a few hundred of them. */
export function outlineOf(region: Region): [number, number][] {
  const all = polygonsOf(region.geometry).flatMap((p) => p[0] ?? [])
  const step = Math.max(1, Math.floor(all.length / 300))
  return all.filter((_, i) => i % step === 0).map(([lon = 0, lat = 0]) => [lon, lat])
}

/** Borders of the city and its districts; what is not in view lies in shade. */
export class Areas {
  private regions: Region[] = []
  private shown: Region | null = null

  constructor(private readonly map: Map) {}

  attach(tokens: Tokens, below: string | undefined): void {
    const empty: FeatureCollection = { type: 'FeatureCollection', features: [] }
    this.map.addSource('areas', { type: 'geojson', data: empty })
    this.map.addSource('shade', { type: 'geojson', data: empty })
    this.map.addLayer({ id: 'shade', type: 'fill', source: 'shade', paint: { 'fill-color': tokens.ground, 'fill-opacity': 0.72, 'fill-antialias': false } }, below)
    this.map.addLayer({
      id: 'areas-line', type: 'line', source: 'areas', filter: ['==', ['get', 'level'], 'district'],
      paint: { 'line-color': tokens['ink-2'], 'line-opacity': 0.5, 'line-width': ['interpolate', ['linear'], ['zoom'], 8, 0.75, 14, 1.5], 'line-dasharray': [3, 2] },
    }, below)
    this.map.addLayer({
      id: 'areas-edge', type: 'line', source: 'shade', layout: { 'line-join': 'round' },
      paint: { 'line-color': tokens['ink-1'], 'line-opacity': 0.8, 'line-width': ['interpolate', ['linear'], ['zoom'], 8, 1.25, 14, 2.5] },
    }, below)
    this.draw()
  }

  /** All regions that have a shape, and the one in view. */
  show(regions: Region[], inView: Region | null): void {
    this.regions = regions
    this.shown = inView
    this.draw()
  }

  private draw(): void {
    const features = this.regions.flatMap((r): Feature[] =>
      r.geometry ? [{ type: 'Feature', properties: { code: r.code, level: r.level }, geometry: r.geometry }] : [])
    void this.map.getSource<GeoJSONSource>('areas')?.setData({ type: 'FeatureCollection', features })
    void this.map.getSource<GeoJSONSource>('shade')?.setData(outside(this.shown))
  }
}
