import { expect, test } from 'vitest'
import type { Unit } from '@/live/protocol'
import { distance, metresText, nearest } from './nearest'

const unit = (id: string, lon: number, status = 'idle'): Unit => ({ id, name: id, kind: 'grid', lon, lat: 31, status })

test('a thousandth of a degree north is 111 m', () => {
  expect(distance(121, 31, 121, 31.001)).toBeCloseTo(111.2, 1)
})

test('free units come before busy ones, near before far, and those off duty not at all', () => {
  const near = nearest([unit('far', 121.05), unit('busy', 121.001, 'handling'), unit('near', 121.01), unit('off', 121, 'off')], 121, 31, 3)
  expect(near.map((n) => n.unit.id)).toEqual(['near', 'far', 'busy'])
})

test('distances are said as exactly as they are worth', () => {
  expect(metresText(123)).toBe('120 m')
  expect(metresText(2340)).toBe('2.3 km')
})
