import { expect, test } from 'vitest'
import { needsOf, placesOf } from './pages'
import type { Me } from './types'

const me = (actions: string[]): Me => ({ subject: 'person:1', login: 'a', name: '甲', roles: [], actions, gives: [], scope: [], next: 'done' })
const paths = (actions: string[]) => placesOf(me(actions)).map((p) => p.path)

test('the bar shows an auditor the log, and neither the city nor devices', () => {
  expect(paths(['audit.view', 'identity.org.view', 'identity.person.view', 'identity.binding.view', 'identity.app.view']))
    .toEqual(['/desk', '/orgs', '/people', '/roles', '/apps', '/audit', '/docs'])
})

test('who holds nothing has a desk, and nobody has nothing', () => {
  expect(paths([])).toEqual(['/desk', '/docs'])
  expect(placesOf(null)).toEqual([])
})

test('the screen is for those who may see the city', () => {
  expect(needsOf('/')).toEqual(['city.view'])
  expect(paths(['city.view'])).toContain('/')
})
