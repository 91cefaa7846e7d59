// A bare MapLibre style for the made-up city.
import { city, districts, random } from './made.mjs'

const feature = (geometry, properties = {}) => ({ type: 'Feature', geometry, properties })
const collection = (features) => ({ type: 'FeatureCollection', features })
const lake = (x, y, r) => feature({ type: 'Polygon', coordinates: [Array.from({ length: 41 }, (_, i) => {
  const a = (i / 40) * 2 * Math.PI
  const s = r * (1 + 0.2 * Math.sin(3 * a + x * 90) + 0.1 * Math.sin(5 * a))
  return [x + s * 1.2 * Math.cos(a), y + s * Math.sin(a)]
})] })
const line = (coordinates) => feature({ type: 'LineString', coordinates })
const roads = []
for (let i = 0; i < 34; i++) {
  const x = 120.84 + i * 0.009
  roads.push(line([[x, 31.16], [x + 0.004, 31.33], [x - 0.003, 31.5]]))
  const y = 31.15 + i * 0.0105
  roads.push(line([[120.85, y], [121.0, y + 0.004], [121.12, y - 0.002]]))
}
const buildings = Array.from({ length: 1500 }, () => {
  const x = 120.93 + random() * 0.1
  const y = 31.33 + random() * 0.08
  const [w, h] = [0.0002 + random() * 0.0004, 0.0002 + random() * 0.0004]
  return feature({ type: 'Polygon', coordinates: [[[x, y], [x + w, y], [x + w, y + h], [x, y + h], [x, y]]] }, { height: 8 + random() ** 3 * 90 })
})

export function style(theme) {
  const c = theme === 'light'
    ? { ground: '#eef1f3', land: '#f8f9f9', water: '#cfdde6', road: '#dde2e6', line: '#a9b4bd', house: '#dfe4e8' }
    : { ground: '#0a0e13', land: '#10161d', water: '#0c2230', road: '#1d2731', line: '#33424f', house: '#202b36' }
  return {
    version: 8,
    sources: {
      land: { type: 'geojson', data: feature(city.geometry) },
      regions: { type: 'geojson', data: collection(districts.map((d) => feature(d.geometry))) },
      water: { type: 'geojson', data: collection([lake(120.82, 31.42, 0.03), lake(120.95, 31.17, 0.022), lake(120.9, 31.12, 0.02), lake(120.99, 31.42, 0.008)]) },
      roads: { type: 'geojson', data: collection(roads) },
      buildings: { type: 'geojson', data: collection(buildings), attribution: '示意数据' },
    },
    layers: [
      { id: 'ground', type: 'background', paint: { 'background-color': c.ground } },
      { id: 'land', type: 'fill', source: 'land', paint: { 'fill-color': c.land } },
      { id: 'water', type: 'fill', source: 'water', paint: { 'fill-color': c.water } },
      { id: 'roads', type: 'line', source: 'roads', paint: { 'line-color': c.road, 'line-width': 1.2 } },
      { id: 'buildings', type: 'fill-extrusion', source: 'buildings', minzoom: 13, paint: { 'fill-extrusion-color': c.house, 'fill-extrusion-height': ['get', 'height'], 'fill-extrusion-opacity': 0.85 } },
      { id: 'regions-line', type: 'line', source: 'regions', paint: { 'line-color': c.line, 'line-width': 1 } },
    ],
  }
}
