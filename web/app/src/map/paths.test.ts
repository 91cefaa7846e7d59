import { expect, test } from 'vitest'
import { Trail } from './paths'

const minute = 60_000

test('a trail holds fifteen minutes, and nothing of a unit that stands', () => {
  const trail = new Trail()
  for (let i = 0; i < 40; i++) trail.add([121 + i * 0.001, 31], i * minute)
  for (let i = 0; i < 5; i++) trail.add([121.039, 31], (40 + i) * minute)
  expect(trail.points).toHaveLength(16)
  expect(trail.points[0]?.at).toBe(24 * minute)
})

test('a unit that was put somewhere else begins anew, and an old position changes nothing', () => {
  const trail = new Trail()
  trail.add([121, 31], 1000)
  trail.add([121.001, 31], 2000)
  trail.add([121.002, 31], 1500)
  expect(trail.points).toHaveLength(2)
  trail.add([121.5, 31.5], 3000)
  expect(trail.points.map((p) => p.at)).toEqual([3000])
})
