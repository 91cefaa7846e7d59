// `npm run city`: a small server with a made-up city that speaks what
// docs/protocol.md says, for work on the screens. Not part of the product.
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join } from 'node:path'
import { cells, clock, socket } from './live.mjs'
import { centre, city, classes, devices, districts, incidents, properties, units } from './made.mjs'
import { style } from './style.mjs'
import { catalogue, widget } from './widgets.mjs'

const dist = new URL('../dist/', import.meta.url).pathname
const openapi = new URL('../openapi.json', import.meta.url).pathname
const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.mjs': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.woff2': 'font/woff2', '.json': 'application/json' }
// The policy that the real server sends: see web/headers.go.
const policy = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; worker-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'none'"
const brief = ({ geometry: _, ...region }) => region
const history = (mean, swing) => ({ points: Array.from({ length: 97 }, (_, i) => {
  const v = +(mean + swing * Math.sin(i / 9) + swing * 0.3 * Math.sin(i * 2.1)).toFixed(2)
  return { time: new Date(Date.now() - (96 - i) * 900e3).toISOString(), mean: v, min: v - swing / 3, max: v + swing / 2, count: 15 }
}) })
const feeds = [{ id: 'water-quality', name: '水质月报', nameEn: 'Water quality', department: '水务局', period: '每月', columns: [{ name: '站点', type: 'text', required: true }, { name: '数值', type: 'number', unit: 'mg/L' }], last: { finished: new Date(Date.now() - 86400e3).toISOString(), rows: 120, accepted: 118, rejected: 2, file: '2月.csv', problems: [{ item: 12, field: '数值', cell: 'B13', value: 'abc', code: 'number', message: '不是数', expected: '数，例如 12.5' }] } }]
const dead = [{ seq: 7, at: new Date().toISOString(), way: 'mqtt', source: 'dev-0007', body: '{"values":{"pm2_5":"多"}}', problems: [{ field: 'values.pm2_5', value: '多', code: 'type', message: '不是数', expected: 'number' }] }]

/** Who works on the screens is signed in already, and may see all of the made-up city. */
const me = {
  subject: 'person:dev', login: 'dev', name: '开发者', post: '示例', gives: [], next: 'done',
  org: { id: 'o1', name: '示例市大数据局', path: '1' },
  roles: [{ code: 'operator', zh: '指挥中心值班员', en: 'Command-centre operator', on: { axis: 'region', code: '320583', name: '昆山市' } }],
  actions: ['city.view', 'feed.view', 'deadletter.view', 'incident.dispatch', 'incident.handle', 'incident.report'],
  scope: [{ axis: 'region', code: '320583', name: '昆山市', layers: ['cells', 'devices', 'units', 'incidents'], grade: 2 }],
}

function api(path, query, method, body) {
  const lang = query.get('lang') ?? 'zh'
  const [, , , kind, id, part] = path.split('/')
  const all = { devices, units, incidents }
  if (kind === 'me') return id === 'tasks' ? { items: [], counts: { total: 0, overdue: 0, dueToday: 0 } } : id ? { items: [] } : me
  if (kind === 'city') return { ...brief(city), timeZone: 'Asia/Shanghai', notices: ['区镇界线为程序生成的示意范围', '本页为开发用示例数据'], bbox: [120.82, 31.13, 121.14, 31.53], centre, ...clock, time: new Date().toISOString(), simulated: true }
  if (kind === 'regions') return id ? [city, ...districts].find((r) => r.code === id) : { regions: [city, ...districts].map(brief).filter((r) => !query.get('parent') || r.parent === query.get('parent')) }
  if (kind === 'properties') return { properties }
  if (kind === 'incident-classes') return { classes }
  if (kind === 'widgets') return id ? widget(id, lang) : catalogue(lang)
  if (kind === 'feeds') return id ? { rows: 3, accepted: 2, rejected: 1, problems: [{ item: 2, field: '数值', value: 'abc', code: 'number', message: '不是数', expected: '数，例如 12.5' }] } : { feeds }
  if (kind === 'dead-letters') {
    if (method !== 'GET') dead.length = 0
    return { letters: dead, total: dead.length }
  }
  if (part === 'history') return history(42, 14)
  if (part === 'track') return { type: 'Feature', geometry: { type: 'LineString', coordinates: [] }, properties: { times: [] } }
  if (kind === 'cells') return cells(9).find((c) => c.cell === id)
  if (kind === 'incidents' && part === 'updates') {
    const it = incidents.find((i) => i.id === id)
    if (body.version !== it.version) return { status: 409, title: 'Conflict', detail: 'the incident has version ' + it.version }
    return Object.assign(it, body, { version: it.version + 1, seq: ++clock.seq })
  }
  return id ? all[kind]?.find((t) => t.id === id) : { [kind]: all[kind] }
}

function file(path, response) {
  const wanted = join(dist, path)
  const found = path !== '/' && wanted.startsWith(dist) && existsSync(wanted) && statSync(wanted).isFile() ? wanted : join(dist, 'index.html')
  response.setHeader('Content-Type', types[extname(found)] ?? 'application/octet-stream')
  response.setHeader('Content-Security-Policy', policy)
  createReadStream(found).pipe(response)
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url, 'http://x')
  const json = (value, status = 200) => {
    response.writeHead(status, { 'Content-Type': status < 400 ? 'application/json' : 'application/problem+json' })
    response.end(JSON.stringify(value))
  }
  if (url.pathname === '/dev/cut') {
    live.cut()
    return json({})
  }
  if (url.pathname === '/style.json') return json(style(url.searchParams.get('theme') ?? 'dark'))
  if (url.pathname === '/openapi.json') return existsSync(openapi) ? json(JSON.parse(readFileSync(openapi))) : json({ openapi: '3.1.0', info: { title: 'OneCity', version: '0' }, paths: {} })
  if (!url.pathname.startsWith('/api/')) return file(url.pathname, response)
  const parts = []
  for await (const part of request) parts.push(part)
  let body = {}
  try {
    body = JSON.parse(Buffer.concat(parts).toString())
  } catch {
    // An upload, or no body: the made-up city does not look at it.
  }
  const answer = api(url.pathname, url.searchParams, request.method, body)
  if (!answer) return json({ status: 404, title: 'Not Found', detail: 'no such thing: ' + url.pathname }, 404)
  return json(answer, typeof answer.status === 'number' && answer.title ? answer.status : 200)
})
const live = socket(server)
const port = Number(process.env.PORT ?? 8791)
server.listen(port, '127.0.0.1', () => console.log(`made-up city on http://127.0.0.1:${port}`))
