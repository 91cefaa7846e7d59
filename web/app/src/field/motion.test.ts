import { describe, expect, test } from 'vitest'
import { addressesOf, tilesOf } from './ahead'
import { paceFor, worthKeeping } from './motion'
import { nearest, withOutbox } from './overlay'
import { metresBetween, metresText } from './place'
import type { Case, Entry, Position } from './types'

const at = (seconds: number, north = 0, accuracy = 8): Position => ({
  time: new Date(Date.parse('2026-11-24T09:00:00Z') + seconds * 1000).toISOString(), lon: 120.98, lat: 31.38 + north / 111_195, accuracy,
})

describe('a position', () => {
  const pace = paceFor()
  test('is kept when one has gone a step', () => {
    expect(worthKeeping(undefined, at(0), pace)).toBe(true)
    expect(worthKeeping(at(0), at(10, 5), pace)).toBe(false)
    expect(worthKeeping(at(0), at(10, 20), pace)).toBe(true)
  })
  test('is not kept for the noise of a bad one, nor when it is older', () => {
    expect(worthKeeping(at(0, 0, 80), at(10, 30, 80), pace)).toBe(false)
    expect(worthKeeping(at(10), at(0, 500), pace)).toBe(false)
  })
  test('is kept now and then where one stands', () => {
    expect(worthKeeping(at(0), at(100), pace)).toBe(false)
    expect(worthKeeping(at(0), at(240), pace)).toBe(true)
  })
  test('is looked for less on a low battery, and as usual while it charges', () => {
    expect(paceFor({ level: 0.2, charging: false }).send).toBeGreaterThan(pace.send)
    expect(paceFor({ level: 0.05, charging: false }).precise).toBe(false)
    expect(paceFor({ level: 0.05, charging: true })).toEqual(pace)
  })
})

describe('tasks', () => {
  const task = (id: string, north: number, state: Case['state'] = 'assigned'): Case => ({
    id, no: id, class: 'E01', severity: 3, lon: 120.98, lat: 31.38 + north / 111_195, reported: '', channel: 'grid',
    region: '320583', state, version: 5, updated: '', since: '', proofs: 0,
  })
  const entry = (id: string, event: string, state: Entry['state'] = 'waiting'): Entry => ({
    id: event, owner: 'a', lane: 'case:' + id, seq: 1, made: '', label: '', tries: 0, after: 0, state,
    act: { kind: 'command', case: id, event, from: '', version: 5, at: '' }, said: { status: 409, text: '', by: '王五', version: 6 },
  })
  test('are listed by distance', () => {
    expect(nearest([task('far', 900), task('near', 100)], { lon: 120.98, lat: 31.38 }).map((c) => [c.id, Math.round(c.metres ?? 0)])).toEqual([['near', 100], ['far', 900]])
  })
  test('show what was done to them before it is sent', () => {
    const [one, two] = withOutbox([task('a', 0), task('b', 0)], [entry('a', 'accept'), entry('a', 'arrive')])
    expect([one?.state, one?.pending, two?.state, two?.pending]).toEqual(['handling', true, 'assigned', false])
  })
  test('say who was faster, until the server says more', () => {
    expect(withOutbox([task('a', 0)], [entry('a', 'accept', 'conflict')])[0]).toMatchObject({ state: 'assigned', lostTo: '王五' })
    expect(withOutbox([{ ...task('a', 0), version: 9 }], [entry('a', 'accept', 'conflict')])[0]?.lostTo).toBeUndefined()
  })
})

describe('distances', () => {
  test('are of the ground', () => {
    expect(metresBetween({ lon: 120.98, lat: 31.38 }, { lon: 120.99, lat: 31.38 })).toBeCloseTo(949, -1)
  })
  test('are said as people say them', () => {
    expect([metresText(83), metresText(1234), metresText(23_400), metresText(undefined)]).toEqual(['80 m', '1.2 km', '23 km', ''])
  })
})

describe('the map ahead', () => {
  const box = { west: 120.98, south: 31.38, east: 120.985, north: 31.385 }
  test('is the tiles that the box touches', () => {
    expect(tilesOf(box, 12)).toEqual([{ x: 3424, y: 1671 }])
    expect(tilesOf(box, 16).length).toBeLessThanOrEqual(4)
  })
  test('keeps to what the sources have, and to a bound', () => {
    const style = { glyphs: '/g/{fontstack}/{range}.pbf', sources: { a: { type: 'vector', tiles: ['/t/{z}/{x}/{y}.mvt'], maxzoom: 14 } }, layers: [{ layout: { 'text-font': ['X'] } }] }
    const found = addressesOf(style, box)
    expect(found).toContain('/t/12/3424/1671.mvt')
    expect(found.some((a) => a.startsWith('/t/15'))).toBe(false)
    expect(found.at(-1)).toBe('/g/X/0-255.pbf')
    expect(addressesOf(style, { west: 120, south: 31, east: 121, north: 32 }, 12, 16, 50)).toHaveLength(51)
  })
})
