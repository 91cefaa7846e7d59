import type { Map } from 'maplibre-gl'

/** Pixels from the map's edges that are to stay free. */
export interface Margins {
  top: number
  right: number
  bottom: number
  left: number
}

/** What stands in the lower left corner, in pixels from there. */
export interface Corner {
  width: number
  height: number
}

export interface Camera {
  center: [lon: number, lat: number]
  zoom: number
  pitch: number
  bearing: number
}

const rounds = 6

/**
 * The camera that shows all of the points as large as the margins let it, and
 * none of them behind what stands in the corner: where some would be, the room
 * ends beside it or above it, whichever leaves the larger picture. The
 * library's own fitBounds knows a rectangle seen from above; a tilted map
 * shows a shape, nearer parts larger, so it is found by looking and mending.
 * The map is left as it was.
 */
export function fit(map: Map, points: [number, number][], margins: Margins, pitch: number, corner: Corner): Camera {
  const before = cameraOf(map)
  const { clientHeight } = map.getContainer()
  let found = fill(map, points, margins, pitch)
  if (points.map((p) => map.project(p)).some((p) => p.x < corner.width && p.y > clientHeight - corner.height)) {
    const beside = fill(map, points, { ...margins, left: Math.max(margins.left, corner.width) }, pitch)
    const above = fill(map, points, { ...margins, bottom: Math.max(margins.bottom, corner.height) }, pitch)
    found = beside.zoom > above.zoom ? beside : above
  }
  map.jumpTo(before)
  return found
}

/** Moves the map there. */
function fill(map: Map, points: [number, number][], margins: Margins, pitch: number): Camera {
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
  return cameraOf(map)
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
