// The made-up city's clock and its socket: frames as docs/protocol.md has them.
import { cellToParent, latLngToCell } from 'h3-js'
import { WebSocketServer } from 'ws'
import { devices, incidents, makeIncident, pick, properties, random, regionAt, units } from './made.mjs'
import { widget } from './widgets.mjs'

const epoch = 'dev-' + Date.now().toString(36)
export const clock = { epoch, seq: 1 }

function step() {
  for (let n = 0; n < 80; n++) {
    const d = pick(devices)
    for (const [p, v] of Object.entries(d.values)) {
      const def = properties.find((q) => q.id === p)
      const next = Math.min(def.high, Math.max(def.low, v[0] + (random() - 0.5) * (def.high - def.low) * 0.03))
      d.values[p] = [+next.toFixed(2), def.alarmHigh !== undefined && next > def.alarmHigh ? 1 : 0]
    }
    d.seen = new Date().toISOString()
    d.seq = ++clock.seq
  }
  for (const u of units) {
    if (u.status === 'idle') continue
    if (random() < 0.04) u.heading = (u.heading + pick([90, 270])) % 360
    const a = (u.heading * Math.PI) / 180
    const lon = u.lon + Math.sin(a) * 0.00012
    const lat = u.lat + Math.cos(a) * 0.0001
    if (regionAt(lon, lat)) Object.assign(u, { lon, lat, seq: ++clock.seq })
    else u.heading = (u.heading + 180) % 360
  }
  if (random() < 0.02) incidents.push({ ...makeIncident(), seq: ++clock.seq })
}
setInterval(step, 500).unref()

export function cells(res, region) {
  const found = new Map()
  const at = (lon, lat) => {
    const cell = cellToParent(latLngToCell(lat, lon, 9), res)
    if (!found.has(cell)) found.set(cell, { cell, index: 0, open: 0, late: 0, units: 0, devices: 0, alarms: 0, properties: {} })
    return found.get(cell)
  }
  const mine = (t) => !region || region === '320583' || regionAt(t.lon, t.lat) === region
  for (const d of devices.filter(mine)) {
    const c = at(d.lon, d.lat)
    c.devices++
    for (const [p, [v, alarm]] of Object.entries(d.values)) {
      c.properties[p] = [v, v, v, 1]
      c.alarms += alarm
      const def = properties.find((q) => q.id === p)
      c.index = Math.max(c.index, (70 * (v - def.low)) / (def.high - def.low))
    }
  }
  for (const u of units.filter(mine)) at(u.lon, u.lat).units++
  for (const i of incidents.filter(mine)) {
    const c = at(i.lon, i.lat)
    c.open++
    if (i.late) c.late++
    c.index = Math.min(100, c.index + (5 - i.severity) * 9)
  }
  return [...found.values()]
}

function frame(sub) {
  const { view, sent } = sub
  const region = view.region ?? '320583'
  const mine = (t) => region === '320583' || regionAt(t.lon, t.lat) === region
  const reset = sub.at === 0
  const out = { op: 'frame', view: sub.key, epoch, from: sub.at, seq: clock.seq, time: new Date().toISOString() }
  if (reset) out.reset = true
  for (const [layer, things] of Object.entries({ devices, units, incidents })) {
    if (view.layers.includes(layer)) out[layer] = things.filter((t) => mine(t) && (reset || (t.seq ?? 0) > sub.at))
  }
  if (view.layers.includes('cells')) {
    out.cells = cells(view.res ?? 9, region).filter((c) => {
      const text = JSON.stringify(c)
      if (!reset && sent.get(c.cell) === text) return false
      sent.set(c.cell, text)
      return true
    })
  }
  if (view.widgets?.length && (reset || Date.now() - sub.widgetsAt > 2000)) {
    out.widgets = Object.fromEntries(view.widgets.map((w) => [w, widget(w, view.lang)]).filter(([, w]) => w))
    sub.widgetsAt = Date.now()
  }
  sub.at = clock.seq
  return out
}

/** Serves /ws on an http server; the answer's `cut` breaks every line. */
export function socket(server) {
  const wss = new WebSocketServer({ server, path: '/ws' })
  wss.on('connection', (ws) => {
    const subs = new Map()
    const say = (m) => ws.readyState === 1 && ws.send(JSON.stringify(m))
    ws.on('message', (data) => {
      const m = JSON.parse(data)
      if (m.op === 'unsub') return subs.delete(m.id)
      const key = Buffer.from(JSON.stringify(m.view)).toString('base64url').slice(0, 60) + m.id
      const sub = { view: m.view, key, at: m.since?.epoch === epoch ? m.since.seq : 0, sent: new Map(), widgetsAt: 0 }
      subs.set(m.id, sub)
      say({ op: 'subscribed', id: m.id, view: key })
      say(frame(sub))
    })
    const timer = setInterval(() => subs.forEach((sub) => say(frame(sub))), 500)
    ws.on('close', () => clearInterval(timer))
  })
  return { cut: () => wss.clients.forEach((c) => c.terminate()) }
}
