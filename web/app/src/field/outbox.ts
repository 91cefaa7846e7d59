/**
 * The outbox: whatever is done outdoors is written down first and sent then. It
 * is sent in the order of its lane, once, however often the line breaks: each
 * entry's id is its own for the server too. What the server does not take stays
 * until a person has looked.
 */
import { deliver, type Tools } from './deliver'
import type { Store } from './store'
import type { Act, Entry, Photo, Said } from './types'
import { No, NoLine, passing } from './wire'

/** Why nothing is being sent. */
export type Hold = 'no-line' | 'signed-out' | 'other-person' | undefined

export interface OutboxOptions {
  store: Store
  owner: string
  tools: Tools
  now?: () => number
  /** Keeps two pages of one phone from sending at once; returns when fn has. */
  alone?: (fn: () => Promise<void>) => Promise<void>
  /** Called after each change. */
  changed?: () => void
}

/** Pauses between tries (ms): short at first, then easy on the battery. */
const pauses = [2000, 5000, 15_000, 30_000, 60_000]
/** How long what was sent is still shown. */
const shown = 24 * 3600_000

export class Outbox {
  /** Why nothing is sent, if something is there to send. */
  hold: Hold
  private readonly store: Store
  readonly owner: string
  private readonly tools: Tools
  private readonly now: () => number
  private readonly alone: (fn: () => Promise<void>) => Promise<void>
  private readonly changed: () => void
  private running: Promise<void> | undefined
  private again = false

  constructor(o: OutboxOptions) {
    this.store = o.store
    this.owner = o.owner
    this.tools = o.tools
    this.now = o.now ?? Date.now
    this.alone = o.alone ?? oneOnThisPhone
    this.changed = o.changed ?? (() => undefined)
  }

  /** Writes down what was done; photos that it names go with it. It is kept when this returns. */
  async add(act: Act, label: string, photos: Photo[] = [], id: string = newID()): Promise<Entry> {
    const entry = await this.store.add({
      id, owner: this.owner, lane: laneOf(act, id), made: new Date(this.now()).toISOString(),
      label, act, state: 'waiting', tries: 0, after: 0,
    }, photos)
    this.changed()
    return entry
  }

  entries(): Promise<Entry[]> {
    return this.store.entries(this.owner)
  }

  /** Sends what can be sent now. Calls while it runs are one more round. */
  flush(): Promise<void> {
    this.again = this.running !== undefined
    this.running ??= this.alone(async () => {
      do {
        this.again = false
        await this.round()
      } while (this.again as boolean)
    }).finally(() => {
      this.running = undefined
      this.changed()
    })
    return this.running
  }

  /** When it is worth calling flush again by itself (ms); undefined when nothing waits. */
  async next(): Promise<number | undefined> {
    const waiting = (await this.entries()).filter((e) => e.state === 'waiting')
    if (waiting.length === 0) return undefined
    return Math.max(0, Math.min(...waiting.map((e) => e.after)) - this.now())
  }

  /** Tries at once again what a person wants tried. */
  async retry(id: string): Promise<void> {
    await this.store.change(id, { state: 'waiting', after: 0 })
    this.changed()
  }

  /** A person gives an entry up. Its photos go with it. */
  async discard(id: string): Promise<void> {
    const entry = await this.store.entry(id)
    if (entry?.owner !== this.owner) return
    for (const photo of photosOf(entry.act)) await this.store.removePhoto(photo)
    await this.store.remove(id)
    this.changed()
  }

  private async round(): Promise<void> {
    this.hold = undefined
    const blocked = new Set<string>()
    for (const { id } of await this.entries()) {
      // Read anew: an earlier one of the lane may have changed it.
      const entry = await this.store.entry(id)
      if (!entry || blocked.has(entry.lane)) continue
      if (entry.state === 'sent' || entry.state === 'dropped') {
        if (entry.sent && this.now() - Date.parse(entry.sent) > shown) await this.store.remove(id)
        continue
      }
      if (entry.state === 'refused') {
        if (holdsLane(entry.act)) blocked.add(entry.lane)
        continue
      }
      if (entry.state === 'conflict') continue
      if (entry.after > this.now()) {
        blocked.add(entry.lane)
        continue
      }
      const done = await this.try(entry)
      this.changed()
      if (this.hold) return
      if (!done) blocked.add(entry.lane)
    }
  }

  /** Sends one; false when its lane has to wait. */
  private async try(entry: Entry): Promise<boolean> {
    try {
      const { said, conflict } = await deliver(entry, this.store, this.tools)
      const change: Partial<Entry> = { state: conflict ? 'conflict' : 'sent', sent: new Date(this.now()).toISOString(), tries: entry.tries + 1 }
      if (said) change.said = said
      await this.store.change(entry.id, change)
      for (const photo of photosOf(entry.act)) await this.store.removePhoto(photo)
      return true
    } catch (error) {
      return this.failed(entry, error)
    }
  }

  private async failed(entry: Entry, error: unknown): Promise<boolean> {
    const tries = entry.tries + 1
    const pause = pauses[Math.min(tries, pauses.length) - 1] ?? 60_000
    if (error instanceof No) {
      const { status } = error.said
      if (status === 401) {
        this.hold = 'signed-out'
        return false
      }
      if (!passing(status)) {
        await this.store.change(entry.id, { state: 'refused', said: error.said, tries })
        return !holdsLane(entry.act)
      }
      await this.store.change(entry.id, { tries, said: error.said, after: this.now() + Math.max(pause, (error.retryAfter ?? 0) * 1000) })
      return false
    }
    const said: Said = { status: 0, text: error instanceof Error ? error.message : String(error) }
    await this.store.change(entry.id, { tries, said, after: this.now() + pause })
    if (error instanceof NoLine) this.hold = 'no-line'
    return false
  }

  /** The line is back: what waits for its pause need not. */
  async hurry(): Promise<void> {
    for (const e of await this.entries()) {
      if (e.state === 'waiting' && e.after > 0) await this.store.change(e.id, { after: 0 })
    }
    await this.flush()
  }
}

/** What cannot be sent keeps what builds on it from being sent. */
function holdsLane(act: Act): boolean {
  return act.kind === 'report' || act.kind === 'command'
}

/** Which entries must go in order: those of one case; a report's id is its case's. */
export function laneOf(act: Act, id: string): string {
  switch (act.kind) {
    case 'report': return 'case:' + id
    case 'command':
    case 'note':
    case 'proof': return 'case:' + act.case
    case 'duty': return 'duty'
    case 'post': {
      const found = /^\/cases\/([^/]+)/.exec(act.path)
      return found?.[1] ? 'case:' + decodeURIComponent(found[1]) : 'post:' + id
    }
  }
}

export function photosOf(act: Act): string[] {
  if (act.kind === 'report') return act.photos
  return act.kind === 'proof' ? [act.photo] : []
}

/** An id that no other phone makes. */
export function newID(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID()
  const b = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(b, (x) => x.toString(16).padStart(2, '0')).join('')
}

async function oneOnThisPhone(fn: () => Promise<void>): Promise<void> {
  if (!('locks' in navigator)) return fn()
  await navigator.locks.request('onecity-outbox', fn)
}
