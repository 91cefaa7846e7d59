import { expect, test } from 'vitest'
import type { Case } from '@/api/cases'
import { byUrgency, count, finds, noFilter, passes, wantsDesk } from './queue'

const now = Date.parse('2026-11-24T10:00:00+08:00')
const at = (minutes: number) => new Date(now + minutes * 60_000).toISOString()
const made = (id: string, part: Partial<Case> = {}): Case => ({
  id, no: id, class: 'E0101', severity: 4, lon: 121, lat: 31, reported: at(-60), channel: 'grid', region: '320583100', state: 'established', version: 2,
  updated: at(0), since: at(-30), level: 0, proofs: 0, ...part,
})
const ordered = (...cases: Case[]) => cases.toSorted(byUrgency).map((c) => c.id)

test('the gravest comes first, among equals the urged and the escalated', () => {
  expect(ordered(
    made('calm'), made('urged', { urged: 1 }), made('serious', { severity: 3 }), made('urgedTwice', { urged: 5 }), made('grave', { severity: 1 }), made('escalated', { level: 2, urged: 1 }),
  )).toEqual(['grave', 'serious', 'escalated', 'urgedTwice', 'urged', 'calm'])
})

test('among equals the clock that ended first comes first, and one without a clock last', () => {
  expect(ordered(
    made('none'), made('later', { due: at(30) }), made('soon', { due: at(5) }), made('final', { final: at(10) }), made('late', { due: at(-30) }),
  )).toEqual(['late', 'soon', 'final', 'later', 'none'])
})

test('the order is the same however the cases come in', () => {
  const all = Array.from({ length: 200 }, (_, i) => made(`c${String(i)}`, { severity: 1 + (i % 4), urged: i % 3, level: i % 2, ...(i % 5 ? { due: at((i * 7) % 60 - 20) } : {}) }))
  const shuffled = [...all].sort((a, b) => (a.id.split('').reverse().join('') < b.id.split('').reverse().join('') ? -1 : 1))
  expect(ordered(...shuffled)).toEqual(ordered(...all))
})

test('it is the desk\'s turn where it must act, and wherever somebody is late', () => {
  for (const state of ['reported', 'established', 'offered', 'delaying', 'handled'] as const) expect(wantsDesk(made('a', { state }), now)).toBe(true)
  for (const state of ['assigned', 'accepted', 'handling', 'suspended', 'external'] as const) {
    expect(wantsDesk(made('a', { state }), now)).toBe(false)
    expect(wantsDesk(made('a', { state, due: at(-1) }), now)).toBe(true)
  }
  expect(wantsDesk(made('a', { state: 'closed', due: at(-1) }), now)).toBe(false)
})

test('a filter lets through what meets all of it', () => {
  const words = (c: Case) => `${c.no} ${c.title ?? ''}`.toLowerCase()
  const c = made('昆-7', { title: '井盖缺失', state: 'assigned', handler: 'person:li' })
  const with_ = (f: Partial<typeof noFilter>) => passes(c, { ...noFilter, tab: 'all', ...f }, now, words)
  expect(with_({})).toBe(true)
  expect(with_({ text: '井盖 昆-7' })).toBe(true)
  expect(with_({ text: '井盖 路灯' })).toBe(false)
  expect(with_({ region: '3205831', group: 'E01', mine: 'person:li', state: 'assigned' })).toBe(true)
  expect(with_({ region: '320583101' })).toBe(false)
  expect(with_({ mine: 'person:wang' })).toBe(false)
  expect(with_({ late: true })).toBe(false)
  expect(with_({ tab: 'desk' })).toBe(false)
  // Who asks for a state wants all of it, whatever the tab.
  expect(with_({ tab: 'desk', state: 'assigned' })).toBe(true)
  expect(finds('AB', 'xaby')).toBe(true)
})

test('counts are of what is open', () => {
  expect(count([made('a', { severity: 1 }), made('b', { state: 'assigned', due: at(-1), urged: 2 }), made('c', { state: 'handling' }), made('d', { state: 'closed' })], now))
    .toEqual({ desk: 2, field: 1, all: 3, late: 1, grave: 1, urged: 1 })
})

test('five thousand cases are sorted and narrowed, none of them lost', () => {
  const all = Array.from({ length: 5000 }, (_, i) => made(`c${String(i)}`, { severity: 1 + (i % 4), due: at((i * 31) % 900 - 200) }))
  const rows = all.filter((c) => passes(c, noFilter, now, () => '')).sort(byUrgency)
  expect(rows).toHaveLength(5000)
  expect(rows[0]?.severity).toBe(1)
})
