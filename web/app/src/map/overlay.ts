import type { Map } from 'maplibre-gl'
import { rem, severityToken, type Tokens } from '@/design/tokens'
import type { Delta } from '@/live/picture'
import { isOpen } from '@/live/open'
import type { Incident, Unit } from '@/live/protocol'
import { at, steer, still, type Glide } from './motion'

/** What the pointer can meet on the overlay. */
export interface Hit {
  kind: 'incident' | 'unit'
  id: string
}

export interface OverlayData {
  units: () => ReadonlyMap<string, Unit>
  incidents: () => ReadonlyMap<string, Incident>
  incidentName: (incident: Incident) => string
  /** The districts with the names they are called by now. */
  places: () => readonly Place[]
}

export interface Place {
  name: string
  lon: number
  lat: number
}

/** Draws below units and incidents, with each frame. */
export type Painter = (paper: CanvasRenderingContext2D, map: Map, tokens: Tokens, scale: number) => void

const framesASecond = 30
const beat = 2400

/**
 * What moves or pulses: units and incidents, on a canvas over the map. The map
 * below is drawn again only when it changes, not for every step of a unit.
 */
export class Overlay {
  private readonly paper: CanvasRenderingContext2D
  private readonly glides = new globalThis.Map<string, Glide>()
  private readonly calm = matchMedia('(prefers-reduced-motion: reduce)').matches
  private tokens: Tokens
  private running = 0
  private last = 0
  private scale = 1
  private chosen: Hit | null = null
  private track: [number, number][] = []
  private hits: { hit: Hit; x: number; y: number; r: number }[] = []
  /** Places of the labels are kept apart from each other. */
  private labels: { x: number; y: number; w: number }[] = []
  /** What else a page wants drawn: routes, trails. */
  readonly under: Painter[] = []
  /** Digits beside units, as a list beside the map numbers them. */
  marks: ReadonlyMap<string, string> = new globalThis.Map()

  constructor(
    private readonly map: Map,
    private readonly canvas: HTMLCanvasElement,
    private readonly data: OverlayData,
    tokens: Tokens,
  ) {
    const paper = canvas.getContext('2d')
    if (!paper) throw new Error('this browser draws no canvas')
    this.paper = paper
    this.tokens = tokens
    this.resize()
    this.running = requestAnimationFrame(this.tick)
    // When the map moves, what lies on it moves in the same frame.
    map.on('move', this.redraw)
  }

  take(delta: Delta): void {
    const now = performance.now()
    if (delta.reset) this.glides.clear()
    for (const id of delta.changed.units) {
      const unit = this.data.units().get(id)
      if (unit) this.glides.set(id, steer(this.glides.get(id), unit, now))
    }
    for (const id of delta.gone.units) this.glides.delete(id)
  }

  recolour(tokens: Tokens): void {
    this.tokens = tokens
  }

  choose(hit: Hit | null): void {
    this.chosen = hit
    this.track = []
  }

  /** Shows where a unit has been. */
  showTrack(track: [number, number][]): void {
    this.track = track
  }

  hit(x: number, y: number): Hit | null {
    // The last drawn lies on top.
    for (let i = this.hits.length - 1; i >= 0; i--) {
      const h = this.hits[i]
      if (h && Math.hypot(h.x - x, h.y - y) <= h.r) return h.hit
    }
    return null
  }

  resize(): void {
    const ratio = Math.min(2, devicePixelRatio || 1)
    const { clientWidth, clientHeight } = this.canvas
    this.canvas.width = Math.round(clientWidth * ratio)
    this.canvas.height = Math.round(clientHeight * ratio)
    this.paper.setTransform(ratio, 0, 0, ratio, 0, 0)
    this.scale = rem(1) / 16
    this.draw(performance.now())
  }

  detach(): void {
    cancelAnimationFrame(this.running)
    this.map.off('move', this.redraw)
  }

  private readonly redraw = () => { this.draw(performance.now()) }

  private readonly tick = (now: number) => {
    this.running = requestAnimationFrame(this.tick)
    const pause = this.calm ? 500 : 1000 / framesASecond
    if (now - this.last < pause - 4) return
    this.draw(now)
  }

  private draw(now: number): void {
    this.last = now
    const { clientWidth: w, clientHeight: h } = this.canvas
    this.paper.clearRect(0, 0, w, h)
    this.hits = []
    this.labels = []
    for (const paint of this.under) paint(this.paper, this.map, this.tokens, this.scale)
    this.drawTrack()
    const zoom = this.map.getZoom()
    const incidents = [...this.data.incidents().values()].filter((i) => isOpen(i) || this.chosen?.id === i.id).sort(worstLast)
    for (const unit of this.data.units().values()) this.drawUnit(unit, now, zoom, w, h)
    for (const incident of incidents) this.drawIncident(incident, now, zoom, w, h)
    this.drawPlaces(zoom)
  }

  private drawPlaces(zoom: number): void {
    if (zoom < 7.5 || zoom > 14) return
    const { paper, tokens } = this
    const px = Math.min(18, 8 + zoom * 0.55) * this.scale
    paper.font = `600 ${String(px)}px ${tokens.sans}`
    paper.textAlign = 'center'
    paper.lineJoin = 'round'
    paper.lineWidth = 4 * this.scale
    paper.strokeStyle = tokens.ground
    paper.fillStyle = tokens['ink-1']
    for (const place of this.data.places()) {
      const p = this.map.project([place.lon, place.lat])
      paper.globalAlpha = 0.7
      paper.strokeText(place.name, p.x, p.y)
      paper.globalAlpha = 1
      paper.fillText(place.name, p.x, p.y)
    }
  }

  private drawTrack(): void {
    if (this.track.length < 2) return
    const { paper } = this
    paper.beginPath()
    this.track.forEach(([lon, lat], i) => {
      const p = this.map.project([lon, lat])
      if (i === 0) paper.moveTo(p.x, p.y)
      else paper.lineTo(p.x, p.y)
    })
    paper.strokeStyle = this.tokens.accent
    paper.globalAlpha = 0.55
    paper.lineWidth = 2.5 * this.scale
    paper.lineJoin = 'round'
    paper.stroke()
    paper.globalAlpha = 1
  }

  private drawIncident(incident: Incident, now: number, zoom: number, w: number, h: number): void {
    const p = this.map.project([incident.lon, incident.lat])
    if (p.x < -60 || p.y < -60 || p.x > w + 60 || p.y > h + 60) return
    const { paper, tokens } = this
    const colour = tokens[severityToken(incident.severity)]
    const chosen = this.chosen?.kind === 'incident' && this.chosen.id === incident.id
    const late = incident.late === true
    const grow = Math.min(1.7, Math.max(0.8, (zoom - 6.5) / 4))
    const r = (late ? 6.5 : 4.2) * (1 + (4 - Math.min(4, incident.severity)) * 0.12) * grow * this.scale

    if (!this.calm) {
      // Everyone has a beat of their own, or the whole city would blink.
      const phase = ((now + seed(incident.id) * beat) % beat) / beat
      const reach = late ? 3.4 : incident.severity <= 2 ? 2.6 : 1.9
      paper.globalAlpha = (1 - phase) ** 2 * (late ? 0.55 : 0.3)
      paper.fillStyle = colour
      circle(paper, p.x, p.y, r * (1 + phase * reach))
      paper.fill()
      paper.globalAlpha = 1
    }
    paper.fillStyle = tokens.ground
    circle(paper, p.x, p.y, r + 1.8 * this.scale)
    paper.fill()
    paper.fillStyle = colour
    circle(paper, p.x, p.y, r)
    paper.fill()
    if (late) {
      paper.strokeStyle = tokens['ink-1']
      paper.lineWidth = 1.6 * this.scale
      circle(paper, p.x, p.y, r + 1.6 * this.scale)
      paper.stroke()
      paper.fillStyle = tokens.ground
      paper.fillRect(p.x - 0.9 * this.scale, p.y - r * 0.58, 1.8 * this.scale, r * 0.68)
      paper.fillRect(p.x - 0.9 * this.scale, p.y + r * 0.28, 1.8 * this.scale, 1.8 * this.scale)
    }
    if (chosen) this.drawCrosshair(p.x, p.y, r + 9 * this.scale)
    this.hits.push({ hit: { kind: 'incident', id: incident.id }, x: p.x, y: p.y, r: r + 5 })
    if (chosen || zoom > 13.2) this.label(this.data.incidentName(incident), p.x, p.y + r + 13 * this.scale, tokens['ink-1'])
  }

  private drawUnit(unit: Unit, now: number, zoom: number, w: number, h: number): void {
    const glide = this.glides.get(unit.id) ?? steer(undefined, unit, now)
    const place = at(glide, now)
    const p = this.map.project(place)
    if (p.x < -60 || p.y < -60 || p.x > w + 60 || p.y > h + 60) return
    const { paper, tokens } = this
    const moving = unit.status === 'moving' || (!still(glide, now) && unit.status !== 'off')
    const size = 5.4 * Math.min(1.6, Math.max(0.6, (zoom - 7) / 4.5)) * this.scale
    const colour = unit.status === 'handling' ? tokens.good : unit.status === 'off' ? tokens['ink-3'] : tokens.accent

    if (moving && glide.wake.length > 0 && this.data.units().size < 400) {
      let before = glide.wake[0]
      glide.wake.concat([place]).forEach((point, i) => {
        if (!before || i === 0) return
        const a = this.map.project(before)
        const b = this.map.project(point)
        paper.globalAlpha = (i / (glide.wake.length + 1)) * 0.6
        paper.strokeStyle = colour
        paper.lineWidth = 2 * this.scale
        paper.beginPath()
        paper.moveTo(a.x, a.y)
        paper.lineTo(b.x, b.y)
        paper.stroke()
        before = point
      })
      paper.globalAlpha = 1
    }
    paper.save()
    paper.translate(p.x, p.y)
    paper.rotate(((unit.heading ?? 0) - this.map.getBearing()) * (Math.PI / 180))
    paper.beginPath()
    if (moving) {
      paper.moveTo(0, -size * 1.35)
      paper.lineTo(size * 0.95, size)
      paper.lineTo(0, size * 0.5)
      paper.lineTo(-size * 0.95, size)
    } else {
      paper.moveTo(0, -size)
      paper.lineTo(size, 0)
      paper.lineTo(0, size)
      paper.lineTo(-size, 0)
    }
    paper.closePath()
    paper.lineJoin = 'round'
    paper.lineWidth = 3 * this.scale
    paper.strokeStyle = tokens.ground
    paper.stroke()
    paper.fillStyle = colour
    paper.fill()
    paper.restore()
    const chosen = this.chosen?.kind === 'unit' && this.chosen.id === unit.id
    if (chosen) this.drawCrosshair(p.x, p.y, size + 9 * this.scale)
    const mark = this.marks.get(unit.id)
    if (mark !== undefined) this.drawMark(mark, p.x, p.y - size - 10 * this.scale)
    this.hits.push({ hit: { kind: 'unit', id: unit.id }, x: p.x, y: p.y, r: size + 5 })
    if (chosen || zoom > 13.4) this.label(unit.name, p.x, p.y + size + 13 * this.scale, tokens['ink-2'])
  }

  private drawMark(mark: string, x: number, y: number): void {
    const { paper, tokens } = this
    paper.fillStyle = tokens.accent
    paper.strokeStyle = tokens.ground
    paper.lineWidth = 2 * this.scale
    circle(paper, x, y, 7.5 * this.scale)
    paper.fill()
    paper.stroke()
    paper.fillStyle = tokens.ground
    paper.font = `600 ${String(11 * this.scale)}px ${tokens.figures}`
    paper.textAlign = 'center'
    paper.textBaseline = 'middle'
    paper.fillText(mark, x, y + 0.5 * this.scale)
    paper.textBaseline = 'alphabetic'
  }

  private drawCrosshair(x: number, y: number, r: number): void {
    const { paper } = this
    paper.strokeStyle = this.tokens['ink-1']
    paper.lineWidth = 2 * this.scale
    for (let i = 0; i < 4; i++) {
      const a = (i * Math.PI) / 2 + Math.PI / 4
      paper.beginPath()
      paper.arc(x, y, r, a - 0.32, a + 0.32)
      paper.stroke()
    }
  }

  private label(text: string, x: number, y: number, colour: string): void {
    if (!text) return
    const { paper, tokens } = this
    const px = 12 * this.scale
    paper.font = `500 ${String(px)}px ${tokens.sans}`
    const w = paper.measureText(text).width
    if (this.labels.some((l) => Math.abs(l.x - x) < (l.w + w) / 2 + 4 && Math.abs(l.y - y) < px * 1.3)) return
    this.labels.push({ x, y, w })
    paper.textAlign = 'center'
    paper.lineJoin = 'round'
    paper.lineWidth = 3.5 * this.scale
    paper.strokeStyle = tokens.ground
    paper.strokeText(text, x, y)
    paper.fillStyle = colour
    paper.fillText(text, x, y)
  }
}

function circle(paper: CanvasRenderingContext2D, x: number, y: number, r: number): void {
  paper.beginPath()
  paper.arc(x, y, r, 0, 2 * Math.PI)
}

/** Mild first, late and grave last, so that these lie on top. */
function worstLast(a: Incident, b: Incident): number {
  return Number(a.late ?? false) - Number(b.late ?? false) || b.severity - a.severity
}

/** A number in [0, 1) that is always the same for a name. */
function seed(name: string): number {
  let h = 2166136261
  for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 16777619)
  return (h >>> 0) / 4294967296
}
