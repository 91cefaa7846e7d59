/** The map of one's grid, fetched ahead of the shift; the service worker keeps what passes. */
import { onOurOrigin } from '@/map/base'

export interface Box {
  west: number
  south: number
  east: number
  north: number
}

/** Columns and rows of the tiles of a zoom that a box touches (Web Mercator). */
export function tilesOf(box: Box, z: number): { x: number; y: number }[] {
  const n = 2 ** z
  const column = (lon: number) => Math.floor(((lon + 180) / 360) * n)
  const row = (lat: number) => Math.floor(((1 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI) / 2) * n)
  const out: { x: number; y: number }[] = []
  for (let x = column(box.west); x <= column(box.east); x++) {
    for (let y = row(box.north); y <= row(box.south); y++) out.push({ x, y })
  }
  return out
}

interface Style {
  glyphs?: string
  sources: Record<string, { type: string; tiles?: string[]; minzoom?: number; maxzoom?: number }>
  layers: { layout?: { 'text-font'?: unknown } }[]
}

/** Every address that the map of a box needs, coarse to fine, at most so many. */
export function addressesOf(style: Style, box: Box, from = 12, to = 16, most = 900): string[] {
  const out = new Set<string>()
  for (let z = from; z <= to && out.size < most; z++) {
    for (const source of Object.values(style.sources)) {
      const address = source.tiles?.[0]
      if (!address || z < (source.minzoom ?? 0) || z > (source.maxzoom ?? 22)) continue
      for (const { x, y } of tilesOf(box, z)) {
        if (out.size >= most) break
        out.add(address.replace('{z}', String(z)).replace('{x}', String(x)).replace('{y}', String(y)))
      }
    }
  }
  const fonts = new Set(style.layers.flatMap((l) => (Array.isArray(l.layout?.['text-font']) ? [l.layout['text-font'].join(',')] : [])))
  if (style.glyphs) for (const font of fonts) out.add(style.glyphs.replace('{fontstack}', encodeURIComponent(font)).replace('{range}', '0-255'))
  return [...out]
}

/** Fetches the map of a box; tells how far it is. Without a line it ends where it is. */
export async function fetchAhead(box: Box, langs: string, told: (done: number, of: number) => void): Promise<number> {
  const response = await fetch(`/style.json?theme=light&lang=${langs}`)
  if (!response.ok) throw new Error(`style.json: HTTP ${String(response.status)}`)
  const style = (await response.json()) as Style
  const wanted = addressesOf(style, box).map(onOurOrigin)
  let done = 0
  let kept = 0
  const queue = [...wanted]
  const one = async () => {
    for (let address = queue.shift(); address !== undefined; address = queue.shift()) {
      const answer = await fetch(address)
      if (answer.ok || answer.status === 204) kept++
      done++
      told(done, wanted.length)
    }
  }
  await Promise.all([one(), one(), one(), one()])
  return kept
}
