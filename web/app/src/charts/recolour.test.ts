import { expect, test } from 'vitest'
import type { Tokens } from '@/design/tokens'
import { recolour } from './recolour'

const dark = { accent: '#56C7C0', late: '#ff6f66', sans: 'x' } as Tokens
const light = { accent: '#0b7f7a', late: '#c92f2a', sans: 'y' } as Tokens

test('colours of the one theme become those of the other, wherever they stand', () => {
  const option = { color: ['#56c7c0'], series: [{ itemStyle: { color: '#ff6f66' }, data: [{ value: 1, itemStyle: { color: '#123456' } }] }] }
  expect(recolour(option, dark, light)).toEqual({
    color: ['#0b7f7a'], series: [{ itemStyle: { color: '#c92f2a' }, data: [{ value: 1, itemStyle: { color: '#123456' } }] }],
  })
})

test('what is no colour stays', () => {
  expect(recolour({ name: 'x', n: 3, no: null }, dark, light)).toEqual({ name: 'x', n: 3, no: null })
})
