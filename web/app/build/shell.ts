import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Plugin, Rollup } from 'vite'

/** Pages that open without a line, by their folder in src/pages. */
const outdoors = ['field', 'enforce']

/**
 * Writes sw.js, the service worker of the pages for outdoors, with the list of
 * the files that they need.
 */
export function shell(): Plugin {
  let root = '.'
  return {
    name: 'shell',
    apply: 'build',
    configResolved(config) {
      root = config.root
    },
    async generateBundle(_, bundle) {
      const files = filesOf(bundle)
      const source = await readFile(join(root, 'build', 'sw.js'), 'utf8')
      const version = createHash('sha256').update(source).update(files.join('\n')).digest('hex').slice(0, 12)
      this.emitFile({
        type: 'asset', fileName: 'sw.js',
        source: source.replace('__VERSION__', version).replace("['__FILES__']", JSON.stringify(files)),
      })
    },
  }
}

/** The scripts and styles of the entry and of those pages, workers, and the icon. */
export function filesOf(bundle: Rollup.OutputBundle): string[] {
  const out = new Set<string>(['/icon.svg'])
  const chunks = Object.values(bundle).filter((c): c is Rollup.OutputChunk => c.type === 'chunk')
  const take = (chunk: Rollup.OutputChunk | undefined): void => {
    if (!chunk || out.has('/' + chunk.fileName)) return
    out.add('/' + chunk.fileName)
    const styles = (chunk as { viteMetadata?: { importedCss?: Set<string>; importedAssets?: Set<string> } }).viteMetadata
    for (const name of [...(styles?.importedCss ?? []), ...(styles?.importedAssets ?? [])]) out.add('/' + name)
    for (const name of chunk.imports) take(chunks.find((c) => c.fileName === name))
    // What such a page loads later belongs to it too.
    if (isOutdoors(chunk)) for (const name of chunk.dynamicImports) take(chunks.find((c) => c.fileName === name))
  }
  for (const chunk of chunks) if (chunk.isEntry || isOutdoors(chunk)) take(chunk)
  for (const asset of Object.values(bundle)) {
    if (asset.type === 'asset' && /worker.*\.m?js$|\.woff2$/.test(asset.fileName)) out.add('/' + asset.fileName)
  }
  return [...out].sort()
}

function isOutdoors(chunk: Rollup.OutputChunk): boolean {
  return chunk.moduleIds.some((id) => outdoors.some((folder) => id.includes(`/src/pages/${folder}/`)))
}
