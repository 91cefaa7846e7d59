// Validates a style: node validate.mjs <node_modules> <style>
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [, , modules, file] = process.argv
const spec = createRequire(join(modules, 'x.js')).resolve('@maplibre/maplibre-gl-style-spec')
const { validateStyleMin } = await import(pathToFileURL(spec))
const errors = validateStyleMin(JSON.parse(readFileSync(file, 'utf8')))
for (const e of errors) console.error(e.message)
process.exit(errors.length ? 1 : 0)
