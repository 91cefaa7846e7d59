// The other city that the program comes with: a real extract of OpenStreetMap,
// so what is on the map can be held against what is in the world.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { browser, screenReady } from '../browser.mjs'
import { base, signIn } from '../server.mjs'

let chrome, page

before(async () => {
  chrome = await browser()
  page = await (await signIn(await chrome.newContext({ viewport: { width: 960, height: 600 } }))).newPage()
  await page.goto(base + '/')
  await screenReady(page)
})
after(() => chrome?.close())

/** What the map draws at a place, by the kinds of layers asked for, once it has drawn all it has. */
const drawnAt = (center, zoom, kinds) => page.evaluate(async ({ center, zoom, kinds }) => {
  const { map } = document.querySelector('[data-testid=map] .ground')
  const idle = new Promise((done) => { map.once('idle', done) })
  map.jumpTo({ center, zoom, pitch: 55 })
  await idle
  const layers = map.getStyle().layers.filter((l) => kinds.includes(l.type)).map((l) => l.id)
  return map.queryRenderedFeatures({ layers }).map((f) => ({
    layer: f.layer.id, name: f.properties.name, tall: f.properties.height, height: f.layer.paint['fill-extrusion-height'],
  }))
}, { center, zoom, kinds })
const names = (features, layer) => new Set(features.filter((f) => f.layer === layer).map((f) => f.name))

test('the old town of Andorra has its streets, its name and its houses in 3D', async () => {
  const drawn = await drawnAt([1.5218, 42.5075], 16.2, ['symbol', 'fill-extrusion'])
  const streets = names(drawn, 'road-name')
  assert.ok(streets.has('Avinguda del Princep Benlloch') || streets.has('Avinguda Prat de la Creu'), `streets: ${[...streets].join(', ')}`)
  assert.ok(names(drawn, 'place-name').has('Andorra la Vella'), 'the town is named')
  const buildings = drawn.filter((f) => f.layer === 'buildings')
  assert.ok(buildings.length > 50, `${buildings.length} buildings`)
  assert.deepEqual(buildings.filter((b) => !(b.height > 0)), [], 'each stands above the ground')
  assert.ok(buildings.some((b) => b.name === 'Casa de la Vall'), 'the old parliament is among them')
  assert.ok(new Set(buildings.map((b) => b.height)).size > 1, 'they are not all of one height')
})

test('villages of the whole country are named', async () => {
  const places = names(await drawnAt([1.56, 42.55], 11.5, ['symbol']), 'place-name')
  for (const name of ['Canillo', 'Encamp', 'Ordino']) assert.ok(places.has(name), `${name} is not among ${[...places].join(', ')}`)
})

test('the data’s owners are named on the map', async () => {
  await page.getByTestId('attribution').filter({ hasText: 'OpenStreetMap' }).waitFor()
})
