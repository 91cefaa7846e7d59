import { expect, test } from 'vitest'
import type { Incident } from '@/live/protocol'
import { minutesLeft, triage } from './triage'

const incident = (id: string, part: Partial<Incident> = {}): Incident => ({
  id, class: 'c', status: 'accepted', severity: 4, lon: 121, lat: 31, reported: '2026-03-01T08:00:00Z', due: '2026-03-01T10:00:00Z', ...part,
})

test('late comes before grave, grave before soon due, soon due before old', () => {
  const list = triage([
    incident('old', { reported: '2026-03-01T07:00:00Z' }),
    incident('minor'),
    incident('soon', { due: '2026-03-01T09:00:00Z' }),
    incident('grave', { severity: 1 }),
    incident('late', { late: true }),
  ], 'all')
  expect(list.map((i) => i.id)).toEqual(['late', 'grave', 'soon', 'old', 'minor'])
})

test('what is closed or rejected needs no attention', () => {
  expect(triage([incident('a', { status: 'closed' }), incident('b', { status: 'rejected' })], 'all')).toEqual([])
})

test('unsent are those that nobody was sent to', () => {
  const list = triage([incident('sent', { unit: 'u' }), incident('handled', { status: 'handling' }), incident('waits')], 'unsent')
  expect(list.map((i) => i.id)).toEqual(['waits'])
})

test('minutes left turn negative past the limit, and there are none without one', () => {
  const at = Date.parse('2026-03-01T10:30:00Z')
  expect(minutesLeft(incident('a'), at)).toBe(-30)
  const { due: _due, ...open } = incident('b')
  expect(minutesLeft(open, at)).toBeNull()
})
