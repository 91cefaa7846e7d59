import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Link, type Wire } from './link'
import { beat, type Role, type Said } from './protocol'

/** A channel of one browser: everybody but the speaker hears, in the next turn. */
class Air {
  private readonly wires = new Set<Wire>()
  wire(): Wire {
    const wire: Wire = {
      onmessage: null,
      postMessage: (message) => {
        if (!this.wires.has(wire)) return
        for (const other of this.wires) if (other !== wire) queueMicrotask(() => { other.onmessage?.({ data: structuredClone(message) } as MessageEvent) })
      },
      close: () => { this.wires.delete(wire) },
    }
    this.wires.add(wire)
    return wire
  }
}

let air: Air
const links: Link[] = []
beforeEach(() => { vi.useFakeTimers(); air = new Air() })
afterEach(() => {
  for (const link of links.splice(0)) link.close()
  vi.useRealTimers()
})

function end(role: Role, part: { id?: string; who?: string; greet?: () => Said[] } = {}) {
  const heard: Said[] = []
  const counts: number[] = []
  const wire = air.wire()
  const link = new Link({ role, id: part.id ?? role, who: part.who ?? 'person:1', wire, hear: (s) => { if (s.op !== 'here') heard.push(s) }, changed: (n) => counts.push(n), ...(part.greet ? { greet: part.greet } : {}) })
  links.push(link)
  return { link, heard, counts, wire }
}

test('desk and wall find each other, whoever comes first, and the wall is told how the desk stands', async () => {
  const wall = end('wall')
  const desk = end('desk', { greet: () => [{ op: 'choose', chosen: { kind: 'incident', id: 'i1' } }] })
  await vi.advanceTimersByTimeAsync(10)
  expect(wall.counts).toEqual([1])
  expect(desk.counts).toEqual([1])
  expect(wall.heard).toContainEqual(expect.objectContaining({ op: 'choose', chosen: { kind: 'incident', id: 'i1' } }))
  const late = end('wall', { id: 'wall2' })
  await vi.advanceTimersByTimeAsync(beat + 10)
  expect(desk.counts.at(-1)).toBe(2)
  expect(late.heard).toContainEqual(expect.objectContaining({ op: 'choose' }))
})

test('what is picked on the wall reaches the desk, and no other wall', async () => {
  const desk = end('desk')
  const wall = end('wall')
  const other = end('wall', { id: 'wall2' })
  wall.link.say({ op: 'choose', chosen: { kind: 'unit', id: 'u1' } })
  await vi.advanceTimersByTimeAsync(10)
  expect(desk.heard).toHaveLength(1)
  expect(other.heard).toHaveLength(0)
})

test('windows of another person are not listened to', async () => {
  const desk = end('desk')
  end('wall', { who: 'person:2' }).link.say({ op: 'choose', chosen: null })
  await vi.advanceTimersByTimeAsync(beat * 2)
  expect(desk.counts).toEqual([])
  expect(desk.heard).toEqual([])
})

test('a wall that goes is gone at once, one that only falls silent after three beats', async () => {
  const desk = end('desk')
  const wall = end('wall')
  await vi.advanceTimersByTimeAsync(10)
  wall.link.close()
  links.splice(links.indexOf(wall.link), 1)
  await vi.advanceTimersByTimeAsync(10)
  expect(desk.counts).toEqual([1, 0])

  const silent = end('wall', { id: 'wall3' })
  await vi.advanceTimersByTimeAsync(10)
  expect(desk.counts).toEqual([1, 0, 1])
  silent.wire.close()
  await vi.advanceTimersByTimeAsync(beat * 2)
  expect(desk.link.others).toBe(1)
  await vi.advanceTimersByTimeAsync(beat * 3)
  expect(desk.link.others).toBe(0)
})
