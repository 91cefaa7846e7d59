import { expect, test } from 'vitest'
import { parse, type Message } from './protocol'

const base = { v: 1, from: 'desk', id: 'd1', who: 'person:1' } as const
const round = (m: object) => parse(structuredClone({ ...base, ...m }))

test('what one side says the other understands', () => {
  const said: object[] = [
    { op: 'here', name: '王' }, { op: 'bye' }, { op: 'choose', chosen: null }, { op: 'choose', chosen: { kind: 'incident', id: 'i1', lon: 121, lat: 31 } },
    { op: 'camera', camera: { center: [121, 31], zoom: 14, pitch: 50, bearing: -3 } }, { op: 'show', region: null, measure: 'index' }, { op: 'show', region: '320583100', measure: 'pm2_5' },
    { op: 'follow', unit: 'u1' }, { op: 'follow', unit: null },
  ]
  for (const m of said) expect(round(m)).toEqual({ ...base, ...m })
})

test('what another program, or another version, says is not obeyed', () => {
  const wrong: unknown[] = [
    null, 'hello', 7, [], {}, { ...base, op: 'launch' }, { ...base, v: 2, op: 'bye' }, { ...base, from: 'tv', op: 'bye' }, { ...base, id: 3, op: 'bye' },
    { ...base, op: 'choose' }, { ...base, op: 'choose', chosen: { kind: 'planet', id: 'x' } }, { ...base, op: 'choose', chosen: { kind: 'incident', id: 'x'.repeat(201) } },
    { ...base, op: 'camera', camera: { center: [121, 131], zoom: 14, pitch: 0, bearing: 0 } }, { ...base, op: 'camera', camera: { center: [121, 31], zoom: NaN, pitch: 0, bearing: 0 } },
    { ...base, op: 'camera', camera: { center: '121,31', zoom: 1, pitch: 0, bearing: 0 } }, { ...base, op: 'show', region: 7, measure: 'index' }, { ...base, op: 'follow' },
  ]
  for (const m of wrong) expect(parse(m)).toBe(null)
})

test('a place that makes no sense is left out, the choice is not', () => {
  expect(round({ op: 'choose', chosen: { kind: 'incident', id: 'i1', lon: 999, lat: 31 } })).toMatchObject({ op: 'choose', chosen: { kind: 'incident', id: 'i1' } })
  expect((round({ op: 'choose', chosen: { kind: 'incident', id: 'i1', lon: 999, lat: 31 } }) as Message & { chosen: object }).chosen).not.toHaveProperty('lon')
})
