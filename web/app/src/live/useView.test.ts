import { createApp, defineComponent, h, nextTick, ref } from 'vue'
import { afterEach, expect, test } from 'vitest'
import { Line, type Socket } from './line'
import type { ClientMessage, Frame, View } from './protocol'
import { lineKey, useView, type LiveView } from './useView'

/** The far end of a line, in the same process: tests say what it answers. */
class FarEnd implements Socket {
  readyState = 1
  onopen: ((event: never) => void) | null = null
  onmessage: ((event: never) => void) | null = null
  onclose: ((event: never) => void) | null = null
  onerror: ((event: never) => void) | null = null
  heard: ClientMessage[] = []
  send(text: string) { this.heard.push(JSON.parse(text) as ClientMessage) }
  close() { this.onclose?.({ code: 1006 } as never) }
  say(message: unknown) { this.onmessage?.({ data: JSON.stringify(message) } as never) }
  answer(id: string, key: string, part: Partial<Frame>) {
    this.say({ op: 'subscribed', id, view: key })
    this.say({ op: 'frame', view: key, epoch: 'e', from: 0, seq: 1, time: 't', reset: true, ...part })
  }
}

let unmount: () => void = () => undefined
afterEach(() => { unmount() })

function mount(view: () => View | null) {
  const far = new FarEnd()
  const line = new Line({ open: () => far })
  let live: LiveView | undefined
  const app = createApp(defineComponent(() => {
    live = useView(view)
    return () => h('i', live?.layer('units').size)
  }))
  app.provide(lineKey, line)
  const root = document.createElement('div')
  app.mount(root)
  unmount = () => { app.unmount(); line.close() }
  far.onopen?.(undefined as never)
  if (!live) throw new Error('setup did not run')
  return { far, live, root }
}
const unit = (id: string) => ({ id, name: id, kind: 'grid', lon: 121, lat: 31 })

test('a component shows what the view holds', async () => {
  const { far, root } = mount(() => ({ layers: ['units'] }))
  far.answer('v1', 'k1', { units: [unit('a'), unit('b')] })
  await nextTick()
  expect(root.textContent).toBe('2')
})

test('the old picture stays until the new view has something to show', () => {
  const region = ref('320583')
  const { far, live } = mount(() => ({ layers: ['units'], region: region.value }))
  far.answer('v1', 'k1', { units: [unit('a')] })
  region.value = '320583100'
  return nextTick(() => {
    expect([...live.peek('units').keys()]).toEqual(['a'])
    expect(far.heard.map((m) => m.op)).toEqual(['sub', 'sub'])
    far.answer('v2', 'k2', { units: [unit('b')] })
    expect([...live.peek('units').keys()]).toEqual(['b'])
    expect(far.heard.at(-1)).toEqual({ op: 'unsub', id: 'v1' })
  })
})

test('going back before the new view came tells every change once', async () => {
  const region = ref('1')
  const { far, live } = mount(() => ({ layers: ['units'], region: region.value }))
  far.answer('v1', 'k1', { units: [unit('a')] })
  region.value = '2'
  await nextTick()
  region.value = '1'
  await nextTick()
  const told: string[][] = []
  live.onDelta((d) => told.push([...d.changed.units]))
  far.say({ op: 'frame', view: 'k1', epoch: 'e', from: 1, seq: 2, time: 't', units: [unit('b')] })
  expect(told).toEqual([['a'], ['b']])
})

test('leaving the page leaves the view', () => {
  const { far } = mount(() => ({ layers: ['units'] }))
  far.answer('v1', 'k1', {})
  unmount()
  unmount = () => undefined
  expect(far.heard.at(-1)).toEqual({ op: 'unsub', id: 'v1' })
})
