import { expect, test } from 'vitest'
import type { Case } from '@/api/cases'
import { Book, type LiveIncident } from './book'

const read = (id: string, version: number, part: Partial<Case> = {}): Case => ({
  id, no: `昆-${id}`, class: 'E', severity: 3, lon: 121, lat: 31, reported: '2026-11-24T02:00:00Z', channel: 'grid', region: '320583', state: 'established', version,
  updated: '', since: '', level: 0, proofs: 0, ...part,
})
const said = (id: string, part: Partial<LiveIncident> = {}): LiveIncident => ({
  id, class: 'E', status: 'accepted', step: 'established', severity: 3, lon: 121, lat: 31, reported: '2026-11-24T02:00:00Z', ...part,
})

test('a report is in the book with its first frame, and is read as soon as it is a case', () => {
  const book = new Book()
  expect(book.hear(said('a', { status: 'reported', step: 'reported', title: '井盖缺失' }))).toBe(true)
  expect(book.get('a')).toMatchObject({ state: 'reported', version: 0, title: '井盖缺失' })
  expect(book.take(read('a', 2, { state: 'reported' }))).toBe(true)
  expect(book.get('a')).toMatchObject({ no: '昆-a', version: 2 })
})

test('what a frame says is shown at once, and asks for the record', () => {
  const book = new Book()
  book.take(read('a', 2))
  expect(book.hear(said('a'))).toBe(false)
  expect(book.hear(said('a', { status: 'dispatched', step: 'assigned', unit: 'u1' }))).toBe(true)
  expect(book.get('a')).toMatchObject({ state: 'assigned', unit: 'u1', no: '昆-a' })
  expect(book.take(read('a', 3, { state: 'assigned', unit: 'u1' }))).toBe(true)
  expect(book.hear(said('a', { status: 'dispatched', step: 'assigned', unit: 'u1' }))).toBe(false)
})

test('what was read is never replaced by something older, whichever comes last', () => {
  const book = new Book()
  book.take(read('a', 5, { state: 'handled' }))
  expect(book.take(read('a', 4, { state: 'handling' }))).toBe(false)
  expect(book.hear(said('a', { version: 4, status: 'handling', step: 'handling' }))).toBe(false)
  expect(book.get('a')?.state).toBe('handled')
})

test('a case that is over leaves, and comes back when it is split off again', () => {
  const book = new Book()
  book.take(read('a', 2))
  expect(book.hear(said('a', { status: 'rejected', step: 'merged' }))).toBe(true)
  expect(book.size).toBe(0)
  book.hear(said('a', { status: 'reported', step: 'reported' }))
  expect(book.get('a')?.state).toBe('reported')
  expect(book.take(read('a', 9, { state: 'closed' }))).toBe(true)
  expect(book.size).toBe(0)
})

test('servers that know no steps are understood by the status', () => {
  const book = new Book()
  const { step: _step, ...old } = said('a', { status: 'dispatched' })
  book.hear(old)
  expect(book.get('a')?.state).toBe('assigned')
})

test('after a broken line only what was read anew stays', () => {
  const book = new Book()
  for (const id of ['a', 'b', 'c']) book.take(read(id, 2))
  book.keepOnly(new Set(['b']))
  expect([...book.values()].map((c) => c.id)).toEqual(['b'])
})
