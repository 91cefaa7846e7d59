import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'
import { gzipped } from './build/gzipped.ts'
import { licences } from './build/licences.ts'
import { shell } from './build/shell.ts'

/** The server that `npm run dev` asks; `npm run city` starts the small one in dev/. */
const city = process.env['ONECITY_URL'] ?? 'http://127.0.0.1:8791'

const proxied = Object.fromEntries(
  ['/api', '/ws', '/tiles', '/style.json', '/media', '/open311', '/openapi.json'].map((path) => [
    path,
    // The host stays the page's: the server compares it with the origin, and makes addresses of tiles from it.
    { target: city, ws: path === '/ws', changeOrigin: false },
  ]),
)

export default defineConfig({
  plugins: [vue(), licences(), shell(), gzipped()],
  resolve: { alias: { '@': new URL('./src', import.meta.url).pathname } },
  server: { host: '127.0.0.1', port: 5173, proxy: proxied },
  build: {
    target: 'es2022',
    // swagger-ui and MapLibre are large and lazily loaded: the size is theirs.
    chunkSizeWarningLimit: 1600,
    // No data: URLs for small files: the content security policy stays short.
    assetsInlineLimit: 0,
  },
  worker: { format: 'es' },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.ts'],
  },
})
