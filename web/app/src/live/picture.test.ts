import { computed, effect } from 'vue'
import { describe, expect, test } from 'vitest'
import { Picture } from './picture'
import type { Frame, Unit } from './protocol'

const unit = (id: string, lon = 121): Unit => ({ id, name: id, kind: 'grid', lon, lat: 31.3 })
const frame = (part: Partial<Frame>): Frame => ({
  op: 'frame', view: 'k', epoch: 'e', from: 0, seq: 1, time: '2026-03-01T08:00:00+08:00', ...part,
})

describe('a picture', () => {
  test('holds the newest state of each thing', () => {
    const picture = new Picture()
    picture.apply(frame({ reset: true, units: [unit('a'), unit('b')] }))
    picture.apply(frame({ from: 1, seq: 2, units: [unit('a', 122)] }))
    expect([...picture.peek('units').values()].map((u) => [u.id, u.lon])).toEqual([['a', 122], ['b', 121]])
  })

  test('forgets what is gone, and only tells of what it knew', () => {
    const picture = new Picture()
    picture.apply(frame({ reset: true, units: [unit('a')] }))
    const delta = picture.apply(frame({ gone: { units: ['a', 'never-seen'] } }))
    expect(delta.gone.units).toEqual(['a'])
    expect(picture.peek('units').size).toBe(0)
  })

  test('is emptied by a reset before the reset is taken in', () => {
    const picture = new Picture()
    picture.apply(frame({ reset: true, units: [unit('a')], widgets: { w: { name: 'w', title: 'W', kind: 'kpi' } } }))
    const delta = picture.apply(frame({ reset: true, units: [unit('b')] }))
    expect(delta.reset).toBe(true)
    expect([...picture.peek('units').keys()]).toEqual(['b'])
    expect(picture.widgets().size).toBe(0)
  })

  test('wakes a reader once per frame, and only for its own layer', () => {
    const picture = new Picture()
    let runs = 0
    effect(() => {
      picture.layer('units')
      runs++
    })
    picture.apply(frame({ reset: true, units: [unit('a'), unit('b'), unit('c')] }))
    expect(runs).toBe(2)
    picture.apply(frame({ devices: [{ id: 'd', name: 'd', kind: 'air', lon: 121, lat: 31 }] }))
    expect(runs).toBe(2)
    picture.apply(frame({ gone: { units: ['a'] } }))
    expect(runs).toBe(3)
  })

  test('lets a computed value follow the things of a layer', () => {
    const picture = new Picture()
    const count = computed(() => picture.layer('units').size)
    expect(count.value).toBe(0)
    picture.apply(frame({ reset: true, units: [unit('a')] }))
    expect(count.value).toBe(1)
  })

  test('tells a late reader everything as one reset', () => {
    const picture = new Picture()
    picture.apply(frame({ reset: true, units: [unit('a')] }))
    picture.apply(frame({ units: [unit('b')] }))
    const whole = picture.whole()
    expect(whole.reset).toBe(true)
    expect(whole.changed.units).toEqual(['a', 'b'])
  })
})
