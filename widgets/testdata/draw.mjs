// Draws widgets with ECharts, without a browser:
// node draw.mjs <node_modules> <widget.json>… writes <widget.json>.svg beside each
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [, , modules, ...files] = process.argv
const resolve = createRequire(join(modules, 'x.js')).resolve
const echarts = await import(pathToFileURL(join(resolve('echarts/package.json'), '..', 'index.js')))

const complaints = []
console.warn = console.error = (...said) => complaints.push(said.join(' '))
for (const file of files) {
  const { option } = JSON.parse(readFileSync(file, 'utf8'))
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: 480, height: 300 })
  chart.setOption({ ...option, animation: false })
  writeFileSync(file + '.svg', chart.renderToSVGString())
  chart.dispose()
}
for (const c of complaints) process.stdout.write(c + '\n')
process.exit(complaints.length ? 1 : 0)
