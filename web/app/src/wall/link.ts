import { beat, parse, version, type Message, type Role, type Said } from './protocol'

/** The part of a BroadcastChannel that the link uses. */
export interface Wire {
  postMessage(message: unknown): void
  close(): void
  onmessage: ((event: MessageEvent) => void) | null
}

export interface LinkOptions {
  role: Role
  /** Of this window. */
  id: string
  /** Whose session it is: windows of others are not listened to. */
  who: string
  wire: Wire
  now?: () => number
  /** What the other side said; never of one's own side. */
  hear: (said: Said, from: string) => void
  /** Somebody is at the other side, or no longer. */
  changed: (others: number) => void
  /** What a window that comes must know: it is said to it at once. */
  greet?: () => Said[]
  name?: string
}

/**
 * One end of the talk between desk and wall. Both say that they are there every
 * two seconds; who has been silent for three times as long is gone.
 */
export class Link {
  private readonly seen = new Map<string, number>()
  private readonly timer: ReturnType<typeof setInterval>
  private readonly now: () => number
  private count = 0

  constructor(private readonly options: LinkOptions) {
    this.now = options.now ?? Date.now
    options.wire.onmessage = (event) => { this.take(parse(event.data)) }
    this.here()
    this.timer = setInterval(() => { this.tick() }, beat)
  }

  /** How many windows are at the other side. */
  get others(): number {
    return this.seen.size
  }

  say(said: Said): void {
    const { role, id, who, wire } = this.options
    wire.postMessage({ ...said, v: version, from: role, id, who } satisfies Message)
  }

  close(): void {
    clearInterval(this.timer)
    this.say({ op: 'bye' })
    this.options.wire.close()
  }

  private here(): void {
    this.say({ op: 'here', ...(this.options.name ? { name: this.options.name } : {}) })
  }

  private tick(): void {
    this.here()
    const dead = this.now() - 3 * beat
    for (const [id, at] of this.seen) if (at < dead) this.seen.delete(id)
    this.tell()
  }

  private take(m: Message | null): void {
    if (m === null || m.from === this.options.role || m.who !== this.options.who) return
    if (m.op === 'bye') {
      this.seen.delete(m.id)
      this.tell()
      return
    }
    const fresh = !this.seen.has(m.id)
    this.seen.set(m.id, this.now())
    if (fresh) {
      this.tell()
      this.here()
      for (const said of this.options.greet?.() ?? []) this.say(said)
    }
    this.options.hear(m, m.id)
  }

  private tell(): void {
    if (this.seen.size === this.count) return
    this.count = this.seen.size
    this.options.changed(this.count)
  }
}
