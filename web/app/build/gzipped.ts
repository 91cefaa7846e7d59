import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { constants, gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

/** What gains from compression; fonts and pictures are packed already. */
const text = /\.(js|mjs|css|html|svg|json|txt)$/

/**
 * Writes NAME.gz beside every text file of the build, so that the server
 * sends it as it is and never compresses a file twice.
 */
export function gzipped(): Plugin {
  let folder = 'dist'
  return {
    name: 'gzipped',
    apply: 'build',
    configResolved(config) {
      folder = join(config.root, config.build.outDir)
    },
    async closeBundle() {
      for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !text.test(entry.name)) continue
        const path = join(entry.parentPath, entry.name)
        const body = await readFile(path)
        if (body.length < 1024) continue
        await writeFile(path + '.gz', gzipSync(body, { level: constants.Z_BEST_COMPRESSION }))
      }
    },
  }
}
