import { expect, test } from 'vitest'
import type { Unit } from '@/live/protocol'
import { at, steer, still } from './motion'

const unit = (lon: number, lat = 31): Unit => ({ id: 'u', name: 'u', kind: 'grid', lon, lat })

test('a unit that is new stands where it is', () => {
  expect(at(steer(undefined, unit(121), 0), 50)).toEqual([121, 31])
})

test('a unit takes as long to arrive as it took to be heard again', () => {
  const first = steer(undefined, unit(121), 0)
  const second = steer(first, unit(121.001), 2000)
  expect(at(second, 2000)[0]).toBe(121)
  expect(at(second, 3000)[0]).toBeCloseTo(121.0005, 9)
  expect(at(second, 4000)[0]).toBe(121.001)
  expect(still(second, 3999)).toBe(false)
  expect(still(second, 4000)).toBe(true)
})

test('news on the way bends the way without a jump', () => {
  const second = steer(steer(undefined, unit(121), 0), unit(121.001), 2000)
  const third = steer(second, unit(121.002), 3000)
  expect(at(third, 3000)).toEqual(at(second, 3000))
})

test('the same place again does not stop a unit on its way', () => {
  const second = steer(steer(undefined, unit(121), 0), unit(121.001), 2000)
  expect(steer(second, unit(121.001), 2500)).toBe(second)
})

test('a leap is not driven across the map', () => {
  expect(at(steer(steer(undefined, unit(121), 0), unit(121.5), 1000), 1000)[0]).toBe(121.5)
})
