// The widgets of the made-up city, in the shape of GET /api/v1/widgets/{name}.
import { classes, devices, districts, incidents, properties, units } from './made.mjs'

const open = () => incidents.filter((i) => i.status !== 'closed')
const bar = (names, values) => ({ xAxis: [{ type: 'value' }], yAxis: [{ type: 'category', data: names, inverse: true }], series: [{ type: 'bar', data: values.map((value) => ({ value })) }] })
const hours = () => Array.from({ length: 97 }, (_, i) => Date.now() - (96 - i) * 900e3)
const wave = (t, mean, swing) => +(mean + swing * Math.sin(t / 13.7e6) + swing * 0.3 * Math.sin(t / 1.9e6)).toFixed(1)
const say = (lang, zh, en) => (lang === 'en' ? en : zh)

const make = {
  'open-incidents': (l) => ({ title: say(l, '在办案件', 'Open incidents'), kind: 'kpi', value: open().length, unit: say(l, '件', ''), trend: 3 }),
  'late-incidents': (l) => ({ title: say(l, '超时', 'Late'), kind: 'kpi', value: open().filter((i) => i.late).length, unit: say(l, '件', ''), trend: 1 }),
  'units-on-duty': (l) => ({ title: say(l, '在岗力量', 'Units on duty'), kind: 'kpi', value: units.length, unit: say(l, '个', ''), trend: 0 }),
  'devices-online': (l) => ({ title: say(l, '在线设备', 'Devices online'), kind: 'kpi', value: devices.length - 7, unit: say(l, '台', ''), trend: -2 }),
  'observations-rate': (l) => ({ title: say(l, '观测接入', 'Observations'), kind: 'kpi', value: 1980 + Math.round(40 * Math.sin(Date.now() / 3e3)), unit: say(l, '条/秒', '/s'), trend: 12 }),
  'city-index': (l) => ({ title: say(l, '综合指数', 'Index'), kind: 'kpi', value: 23.4, unit: '', trend: -0.6 }),
  'open-by-class': (l) => ({ title: say(l, '在办案件分类', 'Open by class'), kind: 'chart', option: bar(classes.map((c) => say(l, c.name, c.nameEn)), classes.map((c) => open().filter((i) => i.class === c.code).length)) }),
  'open-by-district': (l) => ({ title: say(l, '各区镇在办案件', 'Open by district'), kind: 'chart', option: bar(districts.map((d) => say(l, d.name, d.nameEn)), districts.map((d) => open().filter((i) => i.region === d.code).length)) }),
  environment: (l) => ({ title: say(l, '环境 24 小时', 'Environment, 24 h'), kind: 'chart', option: { xAxis: [{ type: 'time' }], yAxis: [{ type: 'value' }], legend: {}, series: [[say(l, 'PM2.5', 'PM2.5'), 45, 20], [say(l, '噪声', 'Noise'), 58, 8]].map(([name, m, s]) => ({ name, type: 'line', showSymbol: false, data: hours().map((t) => [t, wave(t, m, s)]) })) } }),
  'device-health': (l) => ({ title: say(l, '设备健康', 'Device health'), kind: 'chart', option: { series: [{ type: 'pie', radius: ['55%', '75%'], data: [{ name: say(l, '在线', 'online'), value: 573 }, { name: say(l, '告警', 'alarm'), value: 20 }, { name: say(l, '离线', 'offline'), value: 7 }] }] } }),
  'top-cells': (l) => ({ title: say(l, '指数最高的网格', 'Worst cells'), kind: 'chart', option: bar(['8930a…1', '8930b…7', '8930a…c', '8930d…2', '8930e…9', '8930a…4'], [81, 77, 64, 58, 52, 49]) }),
  observations: (l) => ({ title: say(l, '观测接入速率', 'Observations a second'), kind: 'chart', option: { xAxis: [{ type: 'time' }], yAxis: [{ type: 'value' }], series: [{ name: say(l, '条/秒', '/s'), type: 'line', areaStyle: {}, showSymbol: false, data: hours().map((t) => [t, wave(t, 1900, 250)]) }] } }),
  'handling-time': (l) => ({ title: say(l, '处置时长', 'Handling time'), kind: 'chart', option: { xAxis: [{ type: 'category', data: ['<30m', '1h', '2h', '4h', '8h', '>8h'] }], yAxis: [{ type: 'value' }], series: [{ type: 'bar', data: [12, 28, 19, 9, 4, 2] }] } }),
}

export const names = Object.keys(make)
export const widget = (name, lang) => make[name] && { name, ...make[name](lang), time: new Date().toISOString() }
export const catalogue = (lang) => ({ widgets: names.map((name) => ({ name, title: make[name](lang).title, kind: make[name](lang).kind })) })
export { properties }
