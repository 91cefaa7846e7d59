import 'fake-indexeddb/auto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Outbox } from './outbox'
import { openStore, type Store } from './store'
import type { Act, Photo } from './types'
import type { Uploader } from './upload'
import { No, NoLine, type Wire } from './wire'

interface Asked { method: string; path: string; body: Record<string, unknown> }

/** A server that keeps what it takes by its id, and a line that can be cut. */
class Server implements Wire {
  asked: Asked[] = []
  taken = new Map<string, Asked>()
  /** Called before each answer; what it throws is what the phone sees. */
  before: (a: Asked) => void = () => undefined
  /** Called after it was taken: the answer may be lost. */
  after: (a: Asked) => void = () => undefined

  ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const a = { method, path, body: (body ?? {}) as Record<string, unknown> }
    this.asked.push(a)
    try {
      this.before(a)
      if (method !== 'GET') this.taken.set(`${path} ${String(a.body['id'])}`, a)
      this.after(a)
    } catch (error) {
      return Promise.reject(error as Error)
    }
    return Promise.resolve({ case: { state: 'assigned', version: 7 }, handlerName: '李四' } as T)
  }

  get paths(): string[] {
    return this.asked.map((a) => a.path)
  }
}

const refusal = (status: number, more = {}) => new No({ status, text: 'no', ...more })
const photo = (id: string): Photo => ({ id, owner: 'a', blob: new Blob(['x']), type: 'image/jpeg', bytes: 1, sha256: '', takenAt: '2026-11-24T09:00:00Z' })
const command = (event: string, from: string, version = 5): Act => ({ kind: 'command', case: 'c1', event, from, version, at: '2026-11-24T09:00:00Z' })
const proof = (id: string): Act => ({ kind: 'proof', case: 'c1', photo: id, phase: 'after', takenAt: '2026-11-24T09:00:00Z' })
const report: Act = { kind: 'report', class: 'E0101', at: { lon: 121, lat: 31 }, reported: '2026-11-24T09:00:00Z', photos: ['p1'] }

let store: Store
let server: Server
let uploads: string[]
let uploading: (id: string) => void
let clock: number
let n = 0

beforeEach(async () => {
  store = await openStore(`test-${String(n++)}`)
  server = new Server()
  uploads = []
  uploading = () => undefined
  clock = Date.parse('2026-11-24T10:00:00Z')
})
afterEach(() => { store.close() })

const upload: Uploader = (p) => {
  uploads.push(p.id)
  try {
    uploading(p.id)
  } catch (error) {
    return Promise.reject(error as Error)
  }
  return Promise.resolve({ id: 'u-' + p.id, media: '/media/x.jpg', sha256: '', bytes: p.bytes })
}

/** What opening the page makes. */
const open = (owner = 'a') => new Outbox({
  store, owner, now: () => clock, alone: (fn) => fn(),
  tools: { wire: server, upload, lost: (e, said) => `${e.label} 已由${said.by ?? '他人'}办理`, now: () => clock },
})

describe('the outbox', () => {
  test('sends what was done to a case in the order in which it was done', async () => {
    const box = open()
    await box.add(command('accept', 'assigned'), '接单')
    await box.add(command('arrive', 'accepted'), '到场')
    await box.add(proof('p1'), '照片', [photo('p1')])
    await box.add(command('finish', 'handling'), '完成')
    await box.flush()
    expect(server.asked.map((a) => a.body['event'] ?? a.path)).toEqual(['accept', 'arrive', '/cases/c1/proofs', 'finish'])
    expect(server.asked[2]?.body['upload']).toBe('u-p1')
    expect(await store.photo('p1')).toBeUndefined()
    expect((await box.entries()).map((e) => e.state)).toEqual(['sent', 'sent', 'sent', 'sent'])
  })

  test('keeps the order when the line breaks in the middle, and goes on there', async () => {
    const box = open()
    await box.add(command('accept', 'assigned'), '接单')
    await box.add(proof('p1'), '照片', [photo('p1')])
    await box.add(command('finish', 'handling'), '完成')
    uploading = () => { throw new NoLine('cut') }
    await box.flush()
    expect(server.paths).toEqual(['/cases/c1/events'])
    expect(box.hold).toBe('no-line')
    uploading = () => undefined
    await box.hurry()
    expect(server.paths).toEqual(['/cases/c1/events', '/cases/c1/proofs', '/cases/c1/events'])
  })

  test('sends again under the same id when the answer was lost, so that it is there once', async () => {
    const box = open()
    const { id } = await box.add(report, '上报', [photo('p1')])
    let lost = 2
    server.after = () => { if (lost-- > 0) throw new NoLine('the answer was lost') }
    await box.flush()
    await box.hurry()
    await box.hurry()
    await box.hurry()
    expect(server.asked.map((a) => a.body['id'])).toEqual([id, id, id])
    expect([...server.taken.keys()]).toEqual([`/cases ${id}`])
  })

  test('goes on after the page was killed while it was sending', async () => {
    const killed = open()
    await killed.add(report, '上报', [photo('p1')])
    server.before = () => { throw new NoLine('killed') }
    await killed.flush()
    server.before = () => undefined
    const box = open()
    await box.hurry()
    expect((await box.entries()).map((e) => e.state)).toEqual(['sent'])
    expect(server.taken.size).toBe(1)
  })

  test('waits with everything when the session is over, and loses nothing', async () => {
    const box = open()
    await box.add(report, '上报', [photo('p1')])
    server.before = () => { throw refusal(401) }
    await box.flush()
    expect(box.hold).toBe('signed-out')
    expect((await box.entries())[0]?.state).toBe('waiting')
    expect(await store.photo('p1')).toBeDefined()
    server.before = () => undefined
    await box.flush()
    expect((await box.entries())[0]?.state).toBe('sent')
  })

  test('does not let one case wait for another', async () => {
    const box = open()
    await box.add(command('accept', 'assigned'), '接单')
    await box.add({ kind: 'note', case: 'c2', text: '路灯', note: 'note' }, '备注')
    server.before = (a) => { if (a.path.startsWith('/cases/c1')) throw refusal(503) }
    await box.flush()
    expect((await box.entries()).map((e) => e.state)).toEqual(['waiting', 'sent'])
    expect(await box.next()).toBe(2000)
    await box.flush()
    expect(server.paths.filter((p) => p.startsWith('/cases/c1'))).toHaveLength(1)
    clock += 2000
    server.before = () => undefined
    await box.flush()
    expect((await box.entries()).map((e) => e.state)).toEqual(['sent', 'sent'])
  })

  test('fires with the newest version while the case is still in the state that was seen', async () => {
    const box = open()
    await box.add(command('arrive', 'accepted', 5), '到场')
    server.before = (a) => { if (a.body['version'] === 5) throw refusal(409, { state: 'accepted', version: 8, by: '王五' }) }
    await box.flush()
    expect(server.asked.map((a) => a.body['version'])).toEqual([5, 8])
    expect((await box.entries())[0]?.state).toBe('sent')
  })

  test('takes a second tap for what it is', async () => {
    const box = open()
    await box.add(command('accept', 'assigned'), '接单')
    server.before = (a) => { if (a.path.endsWith('/events')) throw refusal(409, { state: 'accepted', version: 6, by: '甲', subject: 'a' }) }
    await box.flush()
    expect(server.paths).toEqual(['/cases/c1/events'])
    expect((await box.entries())[0]?.state).toBe('sent')
  })

  test('keeps as a note what somebody else was faster with, and still sends the proofs', async () => {
    const box = open()
    await box.add(command('accept', 'offered'), '接单')
    await box.add(proof('p1'), '照片', [photo('p1')])
    await box.add(command('finish', 'handling'), '完成')
    server.before = (a) => { if (a.path.endsWith('/events')) throw refusal(409, { state: 'accepted', version: 6, by: '王五' }) }
    await box.flush()
    expect(server.paths).toEqual(['/cases/c1/events', '/cases/c1/notes', '/cases/c1/proofs'])
    expect(server.asked[1]?.body['text']).toBe('接单 已由王五办理\n完成 已由王五办理')
    const entries = await box.entries()
    expect(entries.map((e) => e.state)).toEqual(['conflict', 'sent', 'conflict'])
    expect(entries[0]?.said?.by).toBe('王五')
  })

  test('keeps what the server refuses until a person has looked, and what builds on it', async () => {
    const box = open()
    const { id } = await box.add(report, '上报', [photo('p1')])
    await box.add({ kind: 'note', case: id, text: 'x', note: 'note' }, '备注')
    server.before = (a) => { if (a.path === '/cases') throw refusal(422) }
    await box.flush()
    await box.flush()
    expect(server.paths).toEqual(['/cases'])
    expect((await box.entries()).map((e) => e.state)).toEqual(['refused', 'waiting'])
    expect(await store.photo('p1')).toBeDefined()
    server.before = () => undefined
    await box.retry(id)
    await box.flush()
    expect((await box.entries()).map((e) => e.state)).toEqual(['sent', 'sent'])
  })

  test('of one person is neither seen nor sent by another', async () => {
    await open('a').add(report, '上报', [photo('p1')])
    const other = open('b')
    await other.flush()
    expect(await other.entries()).toEqual([])
    expect(server.asked).toEqual([])
    await other.discard((await store.entries('a'))[0]?.id ?? '')
    expect(await store.entries('a')).toHaveLength(1)
    await open('a').flush()
    expect(server.paths).toEqual(['/cases'])
  })

  test('forgets what was sent a day ago', async () => {
    const box = open()
    await box.add({ kind: 'note', case: 'c2', text: '路灯', note: 'note' }, '备注')
    await box.flush()
    clock += 25 * 3600_000
    await box.flush()
    expect(await box.entries()).toEqual([])
  })
})
