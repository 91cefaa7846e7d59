import type { Map } from 'maplibre-gl'
import type { Tokens } from '@/design/tokens'
import type { Delta } from '@/live/picture'
import type { Unit } from '@/live/protocol'

type Place = [lon: number, lat: number]

/** ms that a trail goes back. */
const reach = 15 * 60_000
/** Degrees, about 10 m: a unit that stands makes no trail. */
const step = 1e-4
/** Farther than this, about 2 km, it did not drive: it was put there. */
const leap = 0.02

/** Where a unit has been, oldest first. */
export class Trail {
  readonly points: { place: Place; at: number }[] = []

  add(place: Place, at: number): void {
    const last = this.points.at(-1)
    if (last) {
      const away = Math.abs(last.place[0] - place[0]) + Math.abs(last.place[1] - place[1])
      if (at < last.at || away < step) return
      if (away > leap) this.points.length = 0
    }
    this.points.push({ place, at })
    this.prune(at)
  }

  prune(now: number): void {
    const first = this.points.findIndex((p) => p.at >= now - reach)
    if (first > 0) this.points.splice(0, first)
    else if (first < 0) this.points.length = 0
  }
}

/** Lines below the things: a route over the streets, and where units have been. */
export class Paths {
  private readonly trails = new globalThis.Map<string, Trail>()
  private route: Place[] = []

  showRoute(route: Place[]): void {
    this.route = route
  }

  take(delta: Delta, units: ReadonlyMap<string, Unit>): void {
    if (delta.reset) for (const id of this.trails.keys()) if (!units.has(id)) this.trails.delete(id)
    for (const id of delta.gone.units) this.trails.delete(id)
    const now = Date.parse(delta.time)
    for (const id of delta.changed.units) {
      const unit = units.get(id)
      if (!unit) continue
      const trail = this.trails.get(id) ?? new Trail()
      trail.add([unit.lon, unit.lat], unit.seen ? Date.parse(unit.seen) : now)
      this.trails.set(id, trail)
    }
  }

  /** A painter of the overlay. */
  readonly paint = (paper: CanvasRenderingContext2D, map: Map, tokens: Tokens, scale: number): void => {
    const zoom = map.getZoom()
    paper.lineJoin = 'round'
    paper.lineCap = 'round'
    // From afar trails are noise.
    if (zoom > 11.5) {
      paper.strokeStyle = tokens.accent
      paper.lineWidth = 1.6 * scale
      paper.globalAlpha = Math.min(0.38, (zoom - 11.5) * 0.25)
      for (const trail of this.trails.values()) {
        if (trail.points.length < 2) continue
        line(paper, map, trail.points.map((p) => p.place))
        paper.stroke()
      }
    }
    if (this.route.length > 1) {
      paper.globalAlpha = 0.9
      line(paper, map, this.route)
      paper.strokeStyle = tokens.ground
      paper.lineWidth = 8 * scale
      paper.stroke()
      paper.strokeStyle = tokens.accent
      paper.lineWidth = 3.5 * scale
      paper.stroke()
    }
    paper.globalAlpha = 1
    paper.lineCap = 'butt'
  }
}

function line(paper: CanvasRenderingContext2D, map: Map, places: Place[]): void {
  paper.beginPath()
  places.forEach((place, i) => {
    const p = map.project(place)
    if (i === 0) paper.moveTo(p.x, p.y)
    else paper.lineTo(p.x, p.y)
  })
}
