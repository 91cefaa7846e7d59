import { expect, test } from 'vitest'
import { setCityZone } from '@/i18n/zone'
import { greeting } from './greeting'

test.each([
  ['2026-11-24T00:30:00Z', 'desk.morning'], // 08:30 in Shanghai
  ['2026-11-24T04:00:00Z', 'desk.noon'],
  ['2026-11-24T06:00:00Z', 'desk.afternoon'],
  ['2026-11-24T14:00:00Z', 'desk.evening'],
  ['2026-11-23T18:00:00Z', 'desk.evening'], // 02:00, at night
])('at %s the city says %s', (time, words) => {
  setCityZone('Asia/Shanghai')
  expect(greeting(Date.parse(time))).toBe(words)
})
