import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Batch } from './batch'

beforeEach(() => { vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers() })

test('changes of one moment are asked for together, each once', async () => {
  const asked: string[][] = []
  const batch = new Batch((ids) => { asked.push(ids); return Promise.resolve() })
  for (const id of ['a', 'b', 'a', 'c']) batch.add(id)
  await vi.advanceTimersByTimeAsync(200)
  expect(asked).toEqual([['a', 'b', 'c']])
  batch.add('a')
  await vi.advanceTimersByTimeAsync(200)
  expect(asked).toEqual([['a', 'b', 'c'], ['a']])
})

test('the next question waits for the answer of the one before, and is no longer than it may be', async () => {
  const asked: string[][] = []
  let answer: () => void = () => undefined
  const batch = new Batch((ids) => { asked.push(ids); return new Promise((done) => { answer = done }) }, { most: 2 })
  for (const id of ['a', 'b', 'c']) batch.add(id)
  await vi.advanceTimersByTimeAsync(1000)
  expect(asked).toEqual([['a', 'b']])
  answer()
  await vi.advanceTimersByTimeAsync(1000)
  expect(asked).toEqual([['a', 'b'], ['c']])
})

test('what could not be asked is asked again, ever more patiently', async () => {
  let tries = 0
  const batch = new Batch(() => { tries++; return tries < 3 ? Promise.reject(new Error('away')) : Promise.resolve() }, { wait: 100 })
  batch.add('a')
  await vi.advanceTimersByTimeAsync(110)
  expect(tries).toBe(1)
  await vi.advanceTimersByTimeAsync(210)
  expect(tries).toBe(2)
  await vi.advanceTimersByTimeAsync(370)
  expect(tries).toBe(2)
  await vi.advanceTimersByTimeAsync(30)
  expect(tries).toBe(3)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(tries).toBe(3)
})

test('a closed batch asks nothing', async () => {
  const ask = vi.fn(() => Promise.resolve())
  const batch = new Batch(ask)
  batch.add('a')
  batch.close()
  await vi.advanceTimersByTimeAsync(1000)
  expect(ask).not.toHaveBeenCalled()
})
