import { expect, test } from 'vitest'
import { indexMeasure, measureOf, shareOf, spread, valueOf } from './measure'

const property = { id: 'p', low: -60, high: 70 }

test('the ramp ends where the alarm begins', () => {
  const measure = measureOf({ ...property, low: 0, high: 1000, alarmHigh: 75 })
  expect(measure).toMatchObject({ low: 0, high: 75, bad: 'high' })
  expect(shareOf(75, measure)).toBe(1)
  expect(shareOf(900, measure)).toBe(1)
})

test('with two limits the middle is calm and both ends are bad', () => {
  const measure = measureOf({ ...property, alarmLow: 6, alarmHigh: 9 })
  expect(shareOf(7.5, measure)).toBe(0)
  expect(shareOf(6, measure)).toBe(1)
  expect(shareOf(9.4, measure)).toBe(1)
})

test('with a lower limit little is bad', () => {
  const measure = measureOf({ ...property, id: 'dissolved_oxygen', alarmLow: 5 }, [6, 7, 8, 9])
  expect(shareOf(4, measure)).toBe(1)
  expect(shareOf(measure.high, measure)).toBe(0)
})

test('without limits the ramp spans what there is, in round figures', () => {
  expect(spread([213, 480, 355, 1190])).toEqual([200, 1200])
  expect(spread([3, 3, 3])).toBeNull()
  expect(measureOf(property, [11, 12, 14])).toMatchObject({ low: 11, high: 14, bad: null })
})

test('a cell without the property has no colour', () => {
  const cell = { cell: '8', index: 12, open: 0, late: 0, units: 0, devices: 0, alarms: 0, properties: { pm2_5: [40, 39, 44, 9] as [number, number, number, number] } }
  expect(valueOf(cell, 'index')).toBe(12)
  expect(valueOf(cell, 'pm2_5')).toBe(40)
  expect(shareOf(valueOf(cell, 'noise'), indexMeasure)).toBeNull()
})
