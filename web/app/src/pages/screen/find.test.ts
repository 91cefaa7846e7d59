import { expect, test } from 'vitest'
import { find } from './find'

const at = { lon: 121, lat: 31 }
const haystack = {
  incidents: new Map([['INC-7', { id: 'INC-7', class: 'c', title: '井盖缺失', status: 'reported' as const, severity: 2, reported: '', ...at }]]),
  units: new Map([['u1', { id: 'u1', name: '井湾巡查 1', kind: 'grid', ...at }]]),
  devices: new Map([['dev-井', { id: 'dev-井', name: '水位站', kind: 'water', ...at }]]),
}

test('a thing is found by its name and by its number, those that begin with the words first', () => {
  expect(find('井', haystack, 9).map((f) => f.id)).toEqual(['INC-7', 'u1', 'dev-井'])
  expect(find('inc-7', haystack, 9)).toMatchObject([{ kind: 'incident', name: '井盖缺失' }])
})

test('no words find nothing, and no more is told than was asked for', () => {
  expect(find('  ', haystack, 9)).toEqual([])
  expect(find('井', haystack, 2)).toHaveLength(2)
})
