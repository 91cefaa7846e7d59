// @vitest-environment node
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { WebSocket, WebSocketServer, type WebSocket as Peer } from 'ws'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Line, waitBefore, type Socket } from './line'
import type { Delta } from './picture'
import type { ClientMessage, Frame, View } from './protocol'

const view: View = { layers: ['units'], region: '320583' }
let server: WebSocketServer
let line: Line
let peers: Peer[]
let heard: ClientMessage[]

beforeEach(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  peers = []
  heard = []
  server.on('connection', (peer) => {
    peers.push(peer)
    peer.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as ClientMessage
      heard.push(message)
      if (message.op === 'sub') peer.send(JSON.stringify({ op: 'subscribed', id: message.id, view: 'k1' }))
    })
  })
  const { port } = server.address() as AddressInfo
  line = new Line({ open: () => new WebSocket(`ws://127.0.0.1:${String(port)}`) as Socket, random: () => 0 })
})

afterEach(() => {
  line.close()
  for (const peer of peers) peer.terminate()
  server.close()
})

const subs = () => heard.filter((m) => m.op === 'sub')
const send = (part: Partial<Frame>) => {
  const frame = { op: 'frame', view: 'k1', epoch: 'e1', time: 't', ...part }
  peers.at(-1)?.send(JSON.stringify(frame))
}
const unit = (id: string) => ({ id, name: id, kind: 'grid', lon: 121, lat: 31 })

test('a view is asked for and its frames are told', async () => {
  const deltas: Delta[] = []
  line.look(view, (d) => deltas.push(d))
  await vi.waitFor(() => { expect(subs()).toEqual([{ op: 'sub', id: 'v1', view }]) })
  send({ reset: true, from: 0, seq: 5, units: [unit('a')] })
  await vi.waitFor(() => { expect(deltas).toHaveLength(1) })
  expect(deltas[0]?.changed.units).toEqual(['a'])
})

test('a broken line goes on from the last frame', async () => {
  const { channel } = line.look(view, () => undefined)
  await vi.waitFor(() => { expect(subs()).toHaveLength(1) })
  send({ reset: true, from: 0, seq: 5, units: [unit('a')] })
  send({ from: 5, seq: 9, units: [unit('b')] })
  await vi.waitFor(() => { expect(channel.position).toEqual({ epoch: 'e1', seq: 9 }) })

  peers[0]?.terminate()
  await vi.waitFor(() => { expect(subs()).toHaveLength(2) }, 3000)
  expect(subs()[1]).toMatchObject({ view, since: { epoch: 'e1', seq: 9 } })
  send({ from: 9, seq: 12, units: [unit('c')], gone: { units: ['a'] } })
  await vi.waitFor(() => { expect([...channel.picture.peek('units').keys()]).toEqual(['b', 'c']) })
})

test('a frame that does not join on is not taken in, and the rest is asked for', async () => {
  const { channel } = line.look(view, () => undefined)
  await vi.waitFor(() => { expect(subs()).toHaveLength(1) })
  send({ reset: true, from: 0, seq: 5, units: [unit('a')] })
  send({ from: 7, seq: 9, units: [unit('b')] })
  await vi.waitFor(() => { expect(subs()).toHaveLength(2) })
  expect(subs()[1]).toMatchObject({ since: { epoch: 'e1', seq: 5 } })
  expect([...channel.picture.peek('units').keys()]).toEqual(['a'])
})

test('another epoch without a reset is not mixed with the old one', async () => {
  const { channel } = line.look(view, () => undefined)
  await vi.waitFor(() => { expect(subs()).toHaveLength(1) })
  send({ reset: true, from: 0, seq: 5, units: [unit('a')] })
  send({ epoch: 'e2', from: 5, seq: 6, units: [unit('b')] })
  await vi.waitFor(() => { expect(subs()).toHaveLength(2) })
  expect(subs()[1]).not.toHaveProperty('since')
  send({ epoch: 'e2', reset: true, from: 0, seq: 6, units: [unit('b')] })
  await vi.waitFor(() => { expect([...channel.picture.peek('units').keys()]).toEqual(['b']) })
})

test('a frame that came before is not taken in twice', async () => {
  const deltas: Delta[] = []
  const { channel } = line.look(view, (d) => deltas.push(d))
  await vi.waitFor(() => { expect(subs()).toHaveLength(1) })
  send({ reset: true, from: 0, seq: 5, units: [unit('a')] })
  send({ from: 0, seq: 3, units: [unit('stale')] })
  send({ from: 5, seq: 6, units: [unit('b')] })
  await vi.waitFor(() => { expect(channel.position?.seq).toBe(6) })
  expect([...channel.picture.peek('units').keys()]).toEqual(['a', 'b'])
  expect(deltas).toHaveLength(2)
})

test('equal views share one subscription, which ends with the last of them', async () => {
  const late: Delta[] = []
  const first = line.look({ layers: ['units', 'cells'], region: '320583' }, () => undefined)
  await vi.waitFor(() => { expect(subs()).toHaveLength(1) })
  send({ reset: true, from: 0, seq: 5, units: [unit('a')] })
  await vi.waitFor(() => { expect(first.channel.filled).toBe(true) })
  const second = line.look({ region: '320583', layers: ['cells', 'units'] }, (d) => late.push(d))
  expect(late[0]).toMatchObject({ reset: true, changed: { units: ['a'] } })
  first.leave()
  second.leave()
  await vi.waitFor(() => { expect(heard.at(-1)).toEqual({ op: 'unsub', id: 'v1' }) })
  expect(subs()).toHaveLength(1)
})

test('a silent line is asked for a sign of life, and kept when it gives one', async () => {
  line.close()
  line = new Line({ open: () => new WebSocket(`ws://127.0.0.1:${String((server.address() as AddressInfo).port)}`) as Socket, silence: 300 })
  line.look(view, () => undefined)
  await vi.waitFor(() => { expect(subs()).toHaveLength(1) })
  send({ reset: true, from: 0, seq: 5 })
  await vi.waitFor(() => { expect(subs().length).toBeGreaterThan(2) }, 3000)
  expect(subs()[1]).toMatchObject({ since: { epoch: 'e1', seq: 5 } })
  expect(peers).toHaveLength(1)
})

test('a notice is told to who listens, also where nobody looks at anything, and the line is kept without a view', async () => {
  line.close()
  line = new Line({ open: () => new WebSocket(`ws://127.0.0.1:${String((server.address() as AddressInfo).port)}`) as Socket, silence: 300 })
  const told: (string | null)[] = []
  const leave = line.onNotice((kind) => { told.push(kind) })
  await vi.waitFor(() => { expect(told).toEqual([null]) })
  peers.at(-1)?.send(JSON.stringify({ op: 'notice', kind: 'warning' }))
  await vi.waitFor(() => { expect(told).toEqual([null, 'warning']) })
  await vi.waitFor(() => { expect(heard.filter((m) => m.op === 'ping').length).toBeGreaterThan(0) }, 3000)
  leave()
  peers.at(-1)?.send(JSON.stringify({ op: 'notice', kind: 'warning' }))
  peers.at(-1)?.terminate()
  await vi.waitFor(() => { expect(line.state.value).toBe('waiting') })
  expect(told).toEqual([null, 'warning'])
})

test('a line that gives no sign of life is opened anew', async () => {
  const mute = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(mute, 'listening')
  let lines = 0
  mute.on('connection', () => lines++)
  const deaf = new Line({ open: () => new WebSocket(`ws://127.0.0.1:${String((mute.address() as AddressInfo).port)}`) as Socket, random: () => 0, silence: 100 })
  deaf.look(view, () => undefined)
  await vi.waitFor(() => { expect(lines).toBeGreaterThan(1) }, 5000)
  deaf.close()
  for (const peer of mute.clients) peer.terminate()
  mute.close()
})

test('waits grow, are spread, and stay under 15 s', () => {
  expect(waitBefore(1, 0)).toBe(150)
  expect(waitBefore(1, 0.999)).toBeLessThan(300)
  expect(waitBefore(4, 0)).toBe(1200)
  expect(waitBefore(30, 0.999)).toBeLessThanOrEqual(15_000)
})

test('a line closed because its reader is signed out is not tried again, until somebody signs in', async () => {
  const gone = vi.fn()
  const { port } = server.address() as AddressInfo
  line = new Line({ open: () => new WebSocket(`ws://127.0.0.1:${String(port)}`) as Socket, random: () => 0, gone })
  const { channel } = line.look(view, () => undefined)
  await vi.waitFor(() => { expect(subs()).toHaveLength(1) })
  send({ reset: true, from: 0, seq: 5, units: [unit('a')] })
  await vi.waitFor(() => { expect(channel.position).not.toBeNull() })
  peers.at(-1)?.close(4401)
  await vi.waitFor(() => { expect(gone).toHaveBeenCalledOnce() })
  expect(line.state.value).toBe('closed')
  expect(channel.position).toBeNull()
  line.open()
  await vi.waitFor(() => { expect(subs()).toHaveLength(2) })
  expect(subs()[1]).not.toHaveProperty('since')
})

test('a line closed because rights have changed is opened at once, and starts from nothing', async () => {
  const changed = vi.fn()
  const { port } = server.address() as AddressInfo
  // With this jitter every other wait is the longest there is.
  line = new Line({ open: () => new WebSocket(`ws://127.0.0.1:${String(port)}`) as Socket, random: () => 1e6, changed })
  const { channel } = line.look(view, () => undefined)
  await vi.waitFor(() => { expect(subs()).toHaveLength(1) })
  send({ reset: true, from: 0, seq: 5, units: [unit('a')] })
  await vi.waitFor(() => { expect(channel.position).not.toBeNull() })
  peers.at(-1)?.close(4403)
  await vi.waitFor(() => { expect(subs()).toHaveLength(2) })
  expect(subs()[1]).not.toHaveProperty('since')
  expect(changed).toHaveBeenCalledOnce()
})
