import { expect, test } from 'vitest'
import type { Case } from '@/api/cases'
import { concernOf, summaryOf } from './shift'

const now = Date.parse('2026-11-24T10:00:00Z')
const made = (id: string, part: Partial<Case> = {}) => ({ id, no: id, class: 'E', severity: 4, reported: '2026-11-24T09:00:00Z', state: 'handling', level: 0, ...part }) as Case

test('a case is handed over for its gravest reason, and not at all where it takes its course', () => {
  expect(concernOf(made('a'), now)).toBe(null)
  expect(concernOf(made('a', { severity: 1, due: '2026-11-24T09:59:00Z' }), now)).toBe('late')
  expect(concernOf(made('a', { severity: 2, urged: 1 }), now)).toBe('grave')
  expect(concernOf(made('a', { urged: 1 }), now)).toBe('urged')
  expect(concernOf(made('a', { state: 'delaying' }), now)).toBe('promised')
})

test('the summary counts all, and lists first what is late', () => {
  const s = summaryOf([made('calm'), made('urged', { urged: 1 }), made('late', { due: '2026-11-24T09:00:00Z' }), made('grave', { severity: 1 })], now, (c) => c.id, 2)
  expect(s).toMatchObject({ open: 4, late: 1, grave: 1, urged: 1, promised: 0, more: 1 })
  expect(s.items.map((i) => [i.case, i.why])).toEqual([['late', 'late'], ['grave', 'grave']])
})
