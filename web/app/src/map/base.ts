import type { LayerSpecification, StyleSpecification } from 'maplibre-gl'
import type { Theme } from '@/design/theme'
import type { Tokens } from '@/design/tokens'
import type { Lang } from '@/live/protocol'

/** The still part of the map, and the layer below which live layers go. */
export interface Base {
  style: StyleSpecification
  liveBelow: string | undefined
}

/** Layers that the screen draws itself, from the live line instead of tiles. */
const liveSources = new Set(['cells', 'devices', 'units', 'incidents'])

export async function loadBase(theme: Theme, lang: Lang, tokens: Tokens): Promise<Base> {
  const response = await fetch(`/style.json?theme=${theme}&lang=${lang}`)
  if (!response.ok) throw new Error(`style.json: HTTP ${String(response.status)}`)
  const style = (await response.json()) as StyleSpecification
  style.layers = style.layers.filter((l) => !isLive(l))
  for (const layer of style.layers) quieten(layer, tokens)
  for (const source of Object.values(style.sources)) {
    if (source.type === 'vector' && source.tiles) source.tiles = source.tiles.map(onOurOrigin)
  }
  const metadata = style.metadata as Record<string, string> | undefined
  return { style, liveBelow: metadata?.['onecity:live-below'] ?? style.layers.find((l) => l.type === 'symbol')?.id }
}

/** Whatever name the server knows itself by, behind a proxy too, tiles come from where the page came from. */
export function onOurOrigin(address: string): string {
  return location.origin + address.replace(/^https?:\/\/[^/]+/, '')
}

function isLive(layer: LayerSpecification): boolean {
  return 'source-layer' in layer && liveSources.has(layer['source-layer'] ?? '')
}

/**
 * The screen's ground is quieter than a map's own: what must be seen on it is
 * drawn above. Borders lose their glow, and ground and page become one.
 */
function quieten(layer: LayerSpecification, tokens: Tokens): void {
  if (layer.type === 'background') layer.paint = { ...layer.paint, 'background-color': tokens.ground }
  if (layer.type === 'line' && layer.id.endsWith('-glow')) layer.layout = { ...layer.layout, visibility: 'none' }
  // Drawn by Overlay above units and incidents, where nothing hides them.
  if (layer.type === 'symbol' && layer.id === 'district-name') layer.layout = { ...layer.layout, visibility: 'none' }
  if (layer.type === 'line' && (layer.id === 'district-border' || layer.id === 'city-border')) {
    layer.layout = { ...layer.layout, visibility: 'none' } // drawn by Areas, with the chosen one marked
  }
}
