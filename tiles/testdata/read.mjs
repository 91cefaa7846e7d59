// Reads a vector tile with @mapbox/vector-tile and says what is in it:
// node read.mjs <node_modules> <tile>
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [, , modules, file] = process.argv
const load = async (name) => import(pathToFileURL(createRequire(join(modules, 'x.js')).resolve(name)))
const { VectorTile, classifyRings } = await load('@mapbox/vector-tile')
const { PbfReader, default: Pbf } = await load('pbf')

const tile = new VectorTile(new (PbfReader ?? Pbf)(readFileSync(file)))
const area = (ring) => ring.reduce((sum, p, i) => { const q = ring[(i + 1) % ring.length]; return sum + p.x * q.y - q.x * p.y }, 0)
const said = {}
for (const [name, layer] of Object.entries(tile.layers)) {
  const s = { features: layer.length, version: layer.version, extent: layer.extent, rings: 0, reversed: 0 }
  for (let i = 0; i < layer.length; i++) {
    const f = layer.feature(i)
    const lines = f.loadGeometry()
    if (f.type !== 3) continue
    s.rings += lines.length
    for (const polygon of classifyRings(lines)) {
      if (!(area(polygon[0]) > 0) || polygon.slice(1).some((hole) => !(area(hole) < 0))) s.reversed++
    }
  }
  said[name] = s
}
console.log(JSON.stringify(said))
