import type { Feature } from 'geojson'
import type { GeoJSONSource, GeoJSONSourceDiff, Map } from 'maplibre-gl'

/** How things of one kind are drawn that stand where they are. */
export interface Look<T> {
  /** The GeoJSON source they are in; it promotes the things' ids. */
  source: string
  things: () => ReadonlyMap<string, T>
  /** The shape of a thing, with its id where the source looks for it. */
  feature: (id: string, thing: T) => Feature
  /** The feature-state that follows a thing's values. */
  state: string
  valueOf: (thing: T) => number | boolean
}

/**
 * Things that stand still: their shapes go to the map once, a new value is a
 * feature-state, which costs no new geometry. Everything that came since the
 * last drawn frame goes in together.
 */
export class Standing<T> {
  /** What the map has, and with which state. */
  private drawn = new globalThis.Map<string, number | boolean>()
  private dirty = new Set<string>()
  private all = true
  private frame = 0
  private chosen: string | null = null

  constructor(
    private readonly map: Map,
    private readonly look: Look<T>,
  ) {}

  /** Begins anew: the source is a fresh and empty one. */
  begin(): void {
    this.drawn.clear()
    if (this.chosen) this.set(this.chosen, { chosen: true })
    this.redraw()
  }

  /** Looks at everything again, in the next frame. */
  redraw(): void {
    this.all = true
    this.plan()
  }

  /** Looks at these again, in the next frame. */
  touch(...lists: Iterable<string>[]): void {
    for (const ids of lists) for (const id of ids) this.dirty.add(id)
    if (this.dirty.size > 0) this.plan()
  }

  choose(id: string | null): void {
    if (this.chosen) this.set(this.chosen, { chosen: false })
    this.chosen = id
    if (id) this.set(id, { chosen: true })
  }

  end(): void {
    cancelAnimationFrame(this.frame)
  }

  private plan(): void {
    if (this.frame === 0) this.frame = requestAnimationFrame(() => { this.draw() })
  }

  private draw(): void {
    this.frame = 0
    const source = this.map.getSource<GeoJSONSource>(this.look.source)
    if (!source) return
    const things = this.look.things()
    const diff: Required<Pick<GeoJSONSourceDiff, 'add' | 'remove'>> = { add: [], remove: [] }
    for (const id of this.all ? new Set([...things.keys(), ...this.drawn.keys()]) : this.dirty) {
      const thing = things.get(id)
      if (thing === undefined) {
        if (this.drawn.delete(id)) diff.remove.push(id)
        continue
      }
      const before = this.drawn.get(id)
      const now = this.look.valueOf(thing)
      if (before === undefined) diff.add.push(this.look.feature(id, thing))
      if (before !== now) {
        this.drawn.set(id, now)
        this.set(id, { [this.look.state]: now })
      }
    }
    this.all = false
    this.dirty.clear()
    if (diff.add.length > 0 || diff.remove.length > 0) void source.updateData(diff)
  }

  private set(id: string, state: Record<string, unknown>): void {
    if (this.map.getSource(this.look.source)) this.map.setFeatureState({ source: this.look.source, id }, state)
  }
}
