import { expect, test } from 'vitest'
import { layOut } from './slots'

const chart = (name: string) => ({ name, kind: 'chart' as const })

test('charts stand in their slots, figures do not', () => {
  const laid = layOut([{ name: 'open-incidents', kind: 'kpi' }, chart('environment'), chart('open-by-class')])
  expect(laid.map((s) => s.names)).toEqual([['open-by-class'], ['environment']])
})

test('a chart that no slot knows is shown all the same', () => {
  const laid = layOut([chart('top-cells'), chart('something-new')])
  expect(laid.flatMap((s) => s.names)).toEqual(['top-cells', 'something-new'])
})
