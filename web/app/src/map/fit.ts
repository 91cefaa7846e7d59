import type { Map } from 'maplibre-gl'

/** Pixels from the map's edges that are to stay free. */
export interface Margins {
  top: number
  right: number
  bottom: number
  left: number
}

export interface Camera {
  center: [lon: number, lat: number]
  zoom: number
  pitch: number
  bearing: number
}

const rounds = 6

/**
 * The camera that shows all of the points as large as the margins let it. The
 * library's own fitBounds knows a rectangle seen from above; a tilted map
 * shows a shape, nearer parts larger, so it is found by looking and mending.
 * The map is left as it was.
 */
export function fit(map: Map, points: [number, number][], margins: Margins, pitch: number): Camera {
  const before = cameraOf(map)
  const { clientWidth, clientHeight } = map.getContainer()
  const room = { w: clientWidth - margins.left - margins.right, h: clientHeight - margins.top - margins.bottom }
  const wanted = { x: margins.left + room.w / 2, y: margins.top + room.h / 2 }
  map.jumpTo({ center: middle(points), zoom: 9, pitch, bearing: 0 })
  for (let i = 0; i < rounds; i++) {
    const seen = points.map((p) => map.project(p))
    const x = seen.map((p) => p.x)
    const y = seen.map((p) => p.y)
    const [left, right, top, bottom] = [Math.min(...x), Math.max(...x), Math.min(...y), Math.max(...y)]
    const scale = Math.min(room.w / Math.max(1, right - left), room.h / Math.max(1, bottom - top))
    const centre = map.unproject([
      clientWidth / 2 + (left + right) / 2 - wanted.x,
      clientHeight / 2 + (top + bottom) / 2 - wanted.y,
    ])
    map.jumpTo({ center: centre, zoom: map.getZoom() + Math.log2(scale) })
  }
  const found = cameraOf(map)
  map.jumpTo(before)
  return found
}

function cameraOf(map: Map): Camera {
  const { lng, lat } = map.getCenter()
  return { center: [lng, lat], zoom: map.getZoom(), pitch: map.getPitch(), bearing: map.getBearing() }
}

function middle(points: [number, number][]): [number, number] {
  const lon = points.map((p) => p[0])
  const lat = points.map((p) => p[1])
  return [(Math.min(...lon) + Math.max(...lon)) / 2, (Math.min(...lat) + Math.max(...lat)) / 2]
}
