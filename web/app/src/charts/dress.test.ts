import { expect, test } from 'vitest'
import { readTokens } from '@/design/tokens'
import { dress, isBlank, measuredIn, type Option } from './dress'

const look = { tokens: readTokens(), px: 12, width: 400, height: 200 }
const first = (value: unknown): Option => (value as Option[])[0] ?? {}

test('the data of a chart is not touched by its looks', () => {
  const option = { title: [{ text: 'x' }], xAxis: [{ type: 'category', data: ['a'] }], yAxis: [{ type: 'value' }], series: [{ type: 'bar', data: [{ value: 3 }] }] }
  const dressed = dress(option, look)
  expect(first(dressed['series'])['data']).toEqual([{ value: 3 }])
  expect(first(dressed['xAxis'])['data']).toEqual(['a'])
  expect(dressed['title']).toBeUndefined()
})

test('lying bars have their figures at the right end', () => {
  const dressed = dress({ xAxis: { type: 'value' }, yAxis: { type: 'category', data: ['a'] }, series: { type: 'bar', data: [1] } }, look)
  expect(first(dressed['series'])['label']).toMatchObject({ show: true, position: 'right' })
})

test('a bar keeps the colour that the server gave it a meaning by', () => {
  const dressed = dress({ xAxis: {}, yAxis: {}, series: [{ type: 'bar', itemStyle: { color: '#f00' }, data: [1] }] }, look)
  expect(first(dressed['series'])['itemStyle']).toMatchObject({ color: '#f00' })
})

test('a stack is labelled once, with its sum', () => {
  const bar = (name: string, value: number) => ({ type: 'bar', name, stack: 'all', data: [{ value }] })
  const dressed = dress({ xAxis: { type: 'value' }, yAxis: { type: 'category', data: ['a'] }, series: [bar('in time', 3), bar('late', 2)] }, look)
  const labels = (dressed['series'] as Option[]).map((s) => s['label'] as { show: boolean; formatter: (p: { dataIndex: number }) => string })
  expect(labels.map((l) => l.show)).toEqual([false, true])
  expect(labels[1]?.formatter({ dataIndex: 0 })).toBe('5')
})

test('bars too many to be labelled are not', () => {
  const dressed = dress({ xAxis: { type: 'category' }, yAxis: { type: 'value' }, series: { type: 'bar', data: Array(48).fill(1) } }, look)
  expect(first(dressed['series'])['label']).toMatchObject({ show: false })
})

test('two stations of one name are two lines', () => {
  const line = { type: 'line', name: '观澜站', data: [] }
  const dressed = dress({ xAxis: {}, yAxis: {}, series: [line, { ...line }] }, look)
  expect((dressed['series'] as Option[]).map((s) => s['name'])).toEqual(['观澜站', '观澜站 (2)'])
})

test('bars that are all 0 are nothing to draw, a line along 0 is', () => {
  expect(isBlank({ series: [{ type: 'bar', data: [{ value: 0 }, 0] }] })).toBe(true)
  expect(isBlank({ series: [{ type: 'bar', data: [{ value: 0 }, 2] }] })).toBe(false)
  expect(isBlank({ series: [{ type: 'line', data: [[1, 0]] }] })).toBe(false)
  expect(isBlank({ series: [] })).toBe(true)
})

test('what is measured is told from the axis, for the head of the card', () => {
  expect(measuredIn({ xAxis: { type: 'time' }, yAxis: { type: 'value', name: 'PM2.5 µg/m³' } })).toBe('PM2.5 µg/m³')
  expect(measuredIn({ xAxis: {}, yAxis: {} })).toBe('')
})

test('a legend is there only where there is something to tell apart', () => {
  const line = (name: string) => ({ type: 'line', name, data: [] })
  expect(dress({ xAxis: {}, yAxis: {}, series: [line('a')] }, look)['legend']).toMatchObject({ show: false })
  expect(dress({ xAxis: {}, yAxis: {}, series: [line('a'), line('b')] }, look)['legend']).toMatchObject({ show: true })
})
