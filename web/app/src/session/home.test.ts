import { expect, test } from 'vitest'
import { homeOf } from './home'
import type { Me } from './types'

const me = (role: string, actions: string[]): Me => ({
  subject: 'person:1', login: 'a', name: '甲', roles: [{ code: role, zh: '', en: '', on: { axis: 'region', code: '' } }], actions, gives: [], scope: [], next: 'done',
})

test('who works outdoors begins there on a phone, and at the desk elsewhere', () => {
  expect(homeOf(me('grid', ['unit.send']), true)).toBe('/field')
  expect(homeOf(me('enforcer', ['unit.send']), true)).toBe('/enforce')
  expect(homeOf(me('grid', ['unit.send']), false)).toBe('/desk')
  expect(homeOf(me('leader', ['city.view']), true)).toBe('/desk')
  expect(homeOf(null, true)).toBe('/desk')
})
