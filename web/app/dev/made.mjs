// A made-up city for working on the screens without the server: names of
// Kunshan's districts, areas grown from H3 cells. Nothing of it is shipped.
import { cellToLatLng, cellsToMultiPolygon, latLngToCell, polygonToCells } from 'h3-js'

let state = 20260301
/** Seeded, so that every start shows the same city. */
export function random() {
  state = (Math.imul(state ^ (state >>> 15), 1 | state) + 0x6d2b79f5) | 0
  const t = state ^ (state + Math.imul(state ^ (state >>> 7), 61 | state))
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}
export const pick = (list) => list[Math.floor(random() * list.length)]

export const centre = [120.98, 31.33]
const towns = [
  ['320583100', '玉山镇', 'Yushan', 120.955, 31.385], ['320583101', '巴城镇', 'Bacheng', 120.87, 31.44],
  ['320583102', '周市镇', 'Zhoushi', 121.01, 31.46], ['320583103', '陆家镇', 'Lujia', 121.05, 31.31],
  ['320583104', '花桥镇', 'Huaqiao', 121.1, 31.3], ['320583106', '张浦镇', 'Zhangpu', 120.96, 31.27],
  ['320583108', '千灯镇', 'Qiandeng', 121.0, 31.235], ['320583400', '昆山开发区', 'Kunshan ETDZ', 121.02, 31.38],
  ['320583401', '昆山旅游度假区', 'Kunshan Resort', 120.92, 31.16],
]
const ring = Array.from({ length: 73 }, (_, i) => {
  const a = (i / 72) * 2 * Math.PI
  const r = 1 + 0.13 * Math.sin(3 * a + 1) + 0.07 * Math.sin(7 * a) + 0.03 * Math.sin(13 * a)
  return [centre[0] + 0.155 * r * Math.cos(a), centre[1] + 0.19 * r * Math.sin(a)]
})
ring[72] = ring[0]

const nearest = (lon, lat) =>
  towns.reduce((best, t) => ((t[3] - lon) ** 2 + (t[4] - lat) ** 2 < (best[3] - lon) ** 2 + (best[4] - lat) ** 2 ? t : best))

export const allCells = polygonToCells([ring], 9, true)
const areas = new Map(towns.map((t) => [t[0], []]))
const regionOfCell = new Map()
for (const cell of allCells) {
  const [lat, lon] = cellToLatLng(cell)
  const code = nearest(lon, lat)[0]
  areas.get(code).push(cell)
  regionOfCell.set(cell, code)
}
export const regionAt = (lon, lat) => regionOfCell.get(latLngToCell(lat, lon, 9)) ?? ''

const shape = (cells) => ({ type: 'MultiPolygon', coordinates: cellsToMultiPolygon(cells, true) })
export const city = { code: '320583', name: '昆山市', nameEn: 'Kunshan', level: 'city', parent: '', centre, made: true, geometry: shape(allCells) }
export const districts = towns.map(([code, name, nameEn, lon, lat]) => ({
  code, name, nameEn, level: 'district', parent: '320583', centre: [lon, lat], made: true, geometry: shape(areas.get(code)),
}))

export const properties = [
  { id: 'pm2_5', name: 'PM2.5', nameEn: 'PM2.5', unit: 'ug/m3', low: 0, high: 150, alarmHigh: 115 },
  { id: 'temperature', name: '气温', nameEn: 'Air temperature', unit: 'Cel', low: -10, high: 40 },
  { id: 'humidity', name: '相对湿度', nameEn: 'Relative humidity', unit: '%', low: 0, high: 100 },
  { id: 'wind_speed', name: '风速', nameEn: 'Wind speed', unit: 'm/s', low: 0, high: 20, alarmHigh: 17 },
  { id: 'noise', name: '噪声', nameEn: 'Noise', unit: 'dB', low: 30, high: 90, alarmHigh: 80 },
  { id: 'water_level', name: '水位', nameEn: 'Water level', unit: 'm', low: 0, high: 4, alarmHigh: 3.5 },
  { id: 'traffic_flow', name: '车流量', nameEn: 'Traffic flow', unit: '/h', low: 0, high: 3000 },
]
export const classes = [
  ['A0101', '道路破损', 'Damaged road surface'], ['A0203', '井盖缺失', 'Missing manhole cover'],
  ['B0104', '暴露垃圾', 'Exposed rubbish'], ['B0310', '占道经营', 'Street trading'],
  ['B0402', '积水内涝', 'Street flooding'], ['B0510', '燃气泄漏', 'Gas leak'], ['A0312', '路灯不亮', 'Street lamp out'],
].map(([code, name, nameEn], i) => ({ code, name, nameEn, group: code[0] === 'A' ? '部件' : '事件', severity: [3, 2, 4, 4, 2, 1, 4][i], limitMinutes: 120 }))

const kinds = { air: ['pm2_5', 'temperature', 'humidity', 'wind_speed'], noise: ['noise'], water: ['water_level'], traffic: ['traffic_flow'] }
const place = () => {
  const [lat, lon] = cellToLatLng(pick(allCells))
  return [lon + (random() - 0.5) * 0.002, lat + (random() - 0.5) * 0.002]
}
export const devices = Array.from({ length: 600 }, (_, i) => {
  const kind = pick(Object.keys(kinds))
  const [lon, lat] = place()
  const names = { air: '空气站', noise: '噪声点', water: '水位站', traffic: '卡口' }
  return { id: `dev-${String(i).padStart(4, '0')}`, name: `${names[kind]} ${i}`, kind, lon, lat, simulated: true, seen: new Date().toISOString(),
    values: Object.fromEntries(kinds[kind].map((p) => [p, [start(p), 0]])) }
})
function start(p) {
  const d = properties.find((q) => q.id === p)
  return { pm2_5: 42, temperature: 11, humidity: 68, wind_speed: 3.2 }[p] ?? d.low + (d.high - d.low) * (0.25 + random() * 0.35)
}
export const units = Array.from({ length: 48 }, (_, i) => {
  const [lon, lat] = place()
  const kind = pick(['grid', 'enforcement', 'sanitation', 'emergency'])
  const names = { grid: '网格员', enforcement: '城管执法', sanitation: '环卫车', emergency: '应急抢险' }
  return { id: `unit-${i}`, name: `${names[kind]} ${i + 1}`, kind, lon, lat, speed: 8, heading: Math.floor(random() * 4) * 90, status: 'moving', simulated: true, seen: '' }
})
let number = 0
export function makeIncident(ageMinutes = 0) {
  const c = pick(classes)
  const [lon, lat] = place()
  const reported = Date.now() - ageMinutes * 60e3
  const due = reported + c.limitMinutes * 60e3
  return { id: `INC-${String(++number).padStart(5, '0')}`, version: 1, class: c.code, title: c.name, description: '市民来电反映，现场有安全隐患。', status: ageMinutes > 30 ? pick(['accepted', 'dispatched', 'handling']) : 'reported',
    severity: c.severity, lon, lat, address: '长江中路 ' + Math.floor(random() * 900) + ' 号', reported: new Date(reported).toISOString(), due: new Date(due).toISOString(),
    late: due < Date.now(), channel: pick(['citizen', 'grid', 'sensor']), unit: '', region: regionAt(lon, lat), simulated: true, photos: [] }
}
export const incidents = Array.from({ length: 46 }, () => makeIncident(Math.floor(random() ** 2 * 170)))
