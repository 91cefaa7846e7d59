import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Plugin } from 'vite'

/**
 * Writes licences.txt: the licences of what is bundled. MIT, BSD, Apache 2.0
 * and the font's OFL all ask that they go with the copies.
 */
export function licences(): Plugin {
  let root = '.'
  let folder = 'dist'
  return {
    name: 'licences',
    apply: 'build',
    configResolved(config) {
      root = config.root
      folder = join(config.root, config.build.outDir)
    },
    async writeBundle() {
      const own = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { dependencies: Record<string, string> }
      const parts = await Promise.all(Object.keys(own.dependencies).sort().map((name) => describe(join(root, 'node_modules', name))))
      await writeFile(join(folder, 'licences.txt'), parts.join('\n' + '='.repeat(72) + '\n\n'))
    },
  }
}

async function describe(folder: string): Promise<string> {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Record<string, string>
  const entries = await readdir(folder, { withFileTypes: true })
  const files = entries.filter((e) => e.isFile() && /^(licen[cs]e|notice)/i.test(e.name)).map((e) => e.name).sort()
  const texts = await Promise.all(files.map((f) => readFile(join(folder, f), 'utf8')))
  return `${String(name)} ${String(version)} (${String(license)})\n\n${texts.join('\n')}`
}
