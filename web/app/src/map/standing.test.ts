import type { Map } from 'maplibre-gl'
import { expect, test } from 'vitest'
import { Standing } from './standing'

/** What a map is told, in order; it draws nothing. */
function ledger() {
  const said: string[] = []
  const source = { updateData: (d: { add: { id: string }[]; remove: string[] }) => { said.push(`+[${d.add.map((f) => f.id).join()}] -[${d.remove.join()}]`) } }
  const map = { getSource: () => source, setFeatureState: ({ id }: { id: string }, state: object) => { said.push(`${id} ${JSON.stringify(state)}`) } }
  return { map: map as unknown as Map, said }
}
const drawn = () => new Promise(requestAnimationFrame)

test('a shape goes to the map once, then only what changed of it', async () => {
  const { map, said } = ledger()
  const things = new globalThis.Map([['a', 1], ['b', 2]])
  const standing = new Standing<number>(map, {
    source: 's', things: () => things, state: 'v', valueOf: (n) => n,
    feature: (id) => ({ type: 'Feature', id, properties: {}, geometry: { type: 'Point', coordinates: [0, 0] } }),
  })
  standing.begin()
  await drawn()
  expect(said.splice(0)).toEqual(['a {"v":1}', 'b {"v":2}', '+[a,b] -[]'])

  things.set('a', 5)
  standing.touch(['a', 'b'], [])
  await drawn()
  expect(said.splice(0), 'b is as it was').toEqual(['a {"v":5}'])

  things.delete('b')
  standing.touch([], ['b'])
  standing.touch(['a'])
  await drawn()
  expect(said.splice(0)).toEqual(['+[] -[b]'])

  things.set('b', 2)
  standing.choose('a')
  standing.redraw()
  await drawn()
  expect(said.splice(0), 'what went and came again is new').toEqual(['a {"chosen":true}', 'b {"v":2}', '+[b] -[]'])

  standing.begin()
  await drawn()
  expect(said, 'a fresh source gets everything, and what was chosen').toEqual(['a {"chosen":true}', 'a {"v":5}', 'b {"v":2}', '+[a,b] -[]'])
})
