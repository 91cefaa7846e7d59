import { expect, test } from 'vitest'
import { safeNext, verdict } from './guard'
import { districtOf, reaches } from './scope'
import type { Me } from './types'

const me = (part: Partial<Me> = {}): Me => ({ subject: 'person:1', login: 'a', name: '甲', roles: [], actions: [], gives: [], scope: [], next: 'done', ...part })

test('nobody is led to the sign-in, from every page but the open ones', () => {
  expect(verdict({}, null)).toEqual({ go: 'sign-in' })
  expect(verdict({ any: ['audit.view'] }, null)).toEqual({ go: 'sign-in' })
  expect(verdict({ open: true }, null)).toEqual({ go: 'in' })
})

test('who has not finished signing in is nobody yet', () => {
  expect(verdict({}, me({ next: 'password' }))).toEqual({ go: 'sign-in' })
})

test('a page is shown to who may do one of the things that it is for', () => {
  const needs = { any: ['identity.org.view', 'identity.org.edit'] }
  expect(verdict(needs, me({ actions: ['identity.org.edit'] }))).toEqual({ go: 'in' })
  expect(verdict(needs, me({ actions: ['city.view'] }))).toEqual({ go: 'missing', actions: needs.any })
  expect(verdict({}, me())).toEqual({ go: 'in' })
})

test('after the sign-in the page that was asked for is next', () => {
  expect(safeNext('/orgs?gaps=true#x')).toBe('/orgs?gaps=true#x')
  expect(safeNext(undefined)).toBe('/desk')
  expect(safeNext(['/orgs'])).toBe('/desk')
})

test.each(['https://elsewhere.example/', '//elsewhere.example', '/\\elsewhere.example', '/\t/elsewhere.example', 'javascript:alert(1)', '/sign-in?next=/sign-in', '/..//elsewhere.example', ''])(
  'the sign-in leads to no other site and not to itself: %j', (asked) => {
    expect(safeNext(asked)).toBe('/desk')
  })

test('a scope within one district is where the screen begins', () => {
  expect(districtOf([{ axis: 'region', code: '320583100' }])).toBe('320583100')
  expect(districtOf([{ axis: 'region', code: '320583100004' }, { axis: 'region', code: '320583100' }])).toBe('320583100')
})

test('a scope of the city, of two districts or of none begins with the whole city', () => {
  expect(districtOf([{ axis: 'region', code: '320583' }, { axis: 'region', code: '320583100' }])).toBeUndefined()
  expect(districtOf([{ axis: 'region', code: '320583100' }, { axis: 'region', code: '320583101' }])).toBeUndefined()
  expect(districtOf([{ axis: 'org', code: '1.2' }])).toBeUndefined()
  expect(districtOf([])).toBeUndefined()
})

test('a subtree without a layer to see is no place for a screen', () => {
  expect(districtOf([{ axis: 'region', code: '320583', layers: [] }, { axis: 'region', code: '320583100', layers: ['cells'] }])).toBe('320583100')
})

test('a district is worth choosing to who may see it, what it lies in, or a part of it', () => {
  const village = [{ axis: 'region' as const, code: '320583100004' }]
  expect(reaches(village, '320583100')).toBe(true)
  expect(reaches(village, '320583101')).toBe(false)
  expect(reaches([{ axis: 'region', code: '' }], '320583101')).toBe(true)
  expect(reaches([{ axis: 'org', code: '' }], '320583101')).toBe(false)
})
