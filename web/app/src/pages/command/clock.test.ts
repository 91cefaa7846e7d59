import { expect, test } from 'vitest'
import { clockOf, digits } from './clock'

const now = Date.parse('2026-11-24T10:00:00Z')
const days = (d: number, h: number) => `${String(d)}d${String(h)}h`

test('a clock says what is left, and warns in its last fifth', () => {
  expect(clockOf('2026-11-24T09:00:00Z', '2026-11-24T11:00:00Z', now)).toEqual({ left: 3_600_000, used: 0.5, mood: 'calm' })
  expect(clockOf('2026-11-24T09:00:00Z', '2026-11-24T10:10:00Z', now)?.mood).toBe('soon')
  expect(clockOf('2026-11-24T09:00:00Z', '2026-11-24T09:59:00Z', now)).toMatchObject({ left: -60_000, used: 1, mood: 'late' })
  expect(clockOf(undefined, '2026-11-24T10:00:01Z', now)?.mood).toBe('calm')
  expect(clockOf('2026-11-24T09:00:00Z', undefined, now)).toBe(null)
  expect(clockOf(undefined, '2026-11-24T10:00:01Z', NaN)).toBe(null)
})

test('digits are as long as they must be', () => {
  expect(digits(62_000, days)).toBe('01:02')
  expect(digits(-62_000, days)).toBe('01:02')
  expect(digits(3 * 3_600_000 + 5_000, days)).toBe('3:00:05')
  expect(digits(50 * 3_600_000, days)).toBe('2d2h')
})
