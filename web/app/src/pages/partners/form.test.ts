import { expect, test } from 'vitest'
import type { Partner } from '@/api/partners'
import { bodyOf, formOf } from './form'

test('what was read and not changed is sent as it was, without what is not the form\'s', () => {
  const p = {
    id: 'yushan', name: '玉山平台', kind: 'webhook', url: 'https://a.example.cn', region: '320583100', classes: ['C', 'E01'], events: ['closed'], grade: 2, reports: true,
    services: { C0101: '7' }, keyed: true, on: false, secrets: [], version: 4, made: '', updated: '', waiting: 1, dead: 2,
  } as unknown as Partner
  expect(bodyOf(formOf(p), p)).toEqual({
    name: '玉山平台', url: 'https://a.example.cn', region: '320583100', classes: ['C', 'E01'], events: ['closed'], grade: 2, reports: true, on: false,
    version: 4, services: { C0101: '7' }, jurisdiction: '',
  })
})

test('classes may stand between any commas, and an empty key is none', () => {
  const f = { ...formOf(), id: ' a1 ', name: '甲', classes: 'C01，C02、 E', key: ' ' }
  expect(bodyOf(f)).toMatchObject({ id: 'a1', kind: 'webhook', classes: ['C01', 'C02', 'E'], on: true })
  expect(bodyOf(f)).not.toHaveProperty('key')
  expect(bodyOf({ ...f, key: 'k' })).toHaveProperty('key', 'k')
})
