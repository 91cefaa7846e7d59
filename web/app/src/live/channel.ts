import { Picture, type Delta } from './picture'
import type { ClientMessage, Frame, Position, Problem, View } from './protocol'

export type Listener = (delta: Delta) => void

/** What a frame turned out to be. `gap`: something is missing before it. */
export type Verdict = 'applied' | 'old' | 'gap'

/**
 * One view on the line: its picture, how far it has come, and who looks at it.
 * It is the place where a break is healed: `hello` asks for what came after
 * the last frame, and `take` refuses a frame that does not join on to it.
 */
export class Channel {
  readonly picture = new Picture()
  readonly listeners = new Set<Listener>()
  /** The key that this view's frames carry; known once subscribed. */
  wireKey: string | null = null
  problem: Problem | null = null
  private at: Position | null = null

  constructor(
    readonly id: string,
    readonly view: View,
  ) {}

  /** Position of the newest frame; null before the first. */
  get position(): Position | null {
    return this.at
  }

  get filled(): boolean {
    return this.at !== null
  }

  hello(): ClientMessage {
    this.wireKey = null
    const sub = { op: 'sub', id: this.id, view: this.view } as const
    return this.at ? { ...sub, since: this.at } : sub
  }

  take(frame: Frame): Verdict {
    if (frame.reset !== true) {
      if (this.at === null || frame.epoch !== this.at.epoch || frame.from > this.at.seq) {
        return 'gap'
      }
      // Equal ends are let through: a widget may change while no fact comes in.
      if (frame.seq < this.at.seq) return 'old'
    }
    this.at = { epoch: frame.epoch, seq: frame.seq }
    const delta = this.picture.apply(frame)
    for (const listener of this.listeners) listener(delta)
    return 'applied'
  }

  /** Forgets how far it came, so that the next hello asks for everything. */
  startOver(): void {
    this.at = null
  }
}

/** Views that ask the same have the same key, whatever order they were written in. */
export function keyOf(view: View): string {
  const sorted: View = { ...view, layers: [...view.layers].sort() }
  if (view.widgets) sorted.widgets = [...view.widgets].sort()
  return JSON.stringify(Object.entries(sorted).sort(([a], [b]) => (a < b ? -1 : 1)))
}
