import { ref, type Ref } from 'vue'
import { Channel, keyOf, type Listener } from './channel'
import type { ClientMessage, Frame, Problem, ServerMessage, View } from './protocol'

/** `connecting` before the first word, `live`, `waiting` for the next try, `closed` for good. */
export type LineState = 'connecting' | 'live' | 'waiting' | 'closed'

/** The part of a WebSocket that the line uses. */
export interface Socket {
  readonly readyState: number
  onopen: ((event: never) => void) | null
  onmessage: ((event: never) => void) | null
  onclose: ((event: never) => void) | null
  onerror: ((event: never) => void) | null
  send(text: string): void
  close(): void
}

/** WebSocket.OPEN. */
const isOpen = 1

export interface LineOptions {
  open: () => Socket
  /** A number in [0, 1): spreads the tries of many screens after a restart. */
  random?: () => number
  /**
   * ms. A line that says nothing for half of this is asked something; one that
   * has not answered by the end of it is taken for dead: a cut cable is silent.
   */
  silence?: number
  /** The server closed the line because who looks is signed in no longer (4401). */
  gone?: () => void
  /** The server closed the line because what its reader may see has changed (4403). */
  changed?: () => void
}

/** Close codes of the server: docs/protocol.md. */
const signedOut = 4401
const rightsChanged = 4403

const firstWait = 300
const longestWait = 15_000

/** Milliseconds before try number n (from 1): doubling, with jitter, at most 15 s. */
export function waitBefore(attempt: number, random: number): number {
  const full = Math.min(longestWait, firstWait * 2 ** (attempt - 1))
  return full / 2 + (full / 2) * random
}

/**
 * The one socket of a page. Views come and go on it; equal views share one
 * subscription. A broken line is opened again and every view goes on from
 * where it was.
 */
export class Line {
  readonly state: Ref<LineState> = ref('connecting')
  /** When the next try is due (ms since the epoch), while waiting. */
  readonly nextTry = ref(0)
  /** Frames taken in since the page was opened. */
  readonly frames = ref(0)
  private socket: Socket | null = null
  private channels = new Map<string, Channel>()
  private ears = new Set<(kind: string | null) => void>()
  private attempt = 0
  private count = 0
  private retry: ReturnType<typeof setTimeout> | undefined
  private deaf: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly options: LineOptions) {}

  /** Looks at a view; call the answer's `leave` when done. */
  look(view: View, listener: Listener): { channel: Channel; leave: () => void } {
    const key = keyOf(view)
    let channel = this.channels.get(key)
    if (!channel) {
      channel = new Channel('v' + String(++this.count), view)
      this.channels.set(key, channel)
      if (this.socket === null) this.connect()
      else if (this.state.value === 'live') this.say(channel.hello())
    }
    const joined = channel
    joined.listeners.add(listener)
    if (joined.filled) listener(joined.picture.whole())
    return {
      channel: joined,
      leave: () => {
        joined.listeners.delete(listener)
        if (joined.listeners.size > 0 || this.channels.get(key) !== joined) return
        this.channels.delete(key)
        if (this.state.value === 'live') this.say({ op: 'unsub', id: joined.id })
      },
    }
  }

  /**
   * Calls back with the kind of each notice, and with null when the line is
   * open (again): then one may have been missed. Call the answer when done.
   */
  onNotice(ear: (kind: string | null) => void): () => void {
    this.ears.add(ear)
    if (this.socket === null && this.state.value === 'connecting') this.connect()
    return () => { this.ears.delete(ear) }
  }

  /** Tries now instead of when the wait is over. */
  hurry(): void {
    if (this.state.value !== 'waiting') return
    clearTimeout(this.retry)
    this.connect()
  }

  /** Opens a line that was closed, when somebody looks at something. */
  open(): void {
    if (this.state.value !== 'closed') return
    this.state.value = 'connecting'
    this.attempt = 0
    if (this.channels.size > 0 || this.ears.size > 0) this.connect()
  }

  close(): void {
    this.state.value = 'closed'
    clearTimeout(this.retry)
    clearTimeout(this.deaf)
    this.socket?.close()
    this.socket = null
  }

  private connect(): void {
    this.state.value = 'connecting'
    const socket = this.options.open()
    this.socket = socket
    socket.onopen = () => {
      this.state.value = 'live'
      this.heard()
      for (const channel of this.channels.values()) this.say(channel.hello())
      for (const ear of this.ears) ear(null)
    }
    socket.onmessage = (event: { data: unknown }) => {
      this.heard()
      if (typeof event.data === 'string') this.hear(JSON.parse(event.data) as ServerMessage)
    }
    socket.onclose = (event: { code: number }) => {
      if (this.socket === socket) this.over(event.code)
    }
    // A close always follows an error; the close is what counts.
    socket.onerror = () => undefined
  }

  private over(code: number): void {
    if (code === signedOut) {
      this.close()
      this.startOver()
      this.options.gone?.()
      return
    }
    if (code === rightsChanged) {
      this.startOver()
      this.options.changed?.()
    }
    // At once, unless the line was broken just before, too.
    this.broken(code === rightsChanged && this.attempt === 0)
  }

  /** What was seen with other rights is no base for what comes. */
  private startOver(): void {
    for (const channel of this.channels.values()) channel.startOver()
  }

  private broken(atOnce = false): void {
    clearTimeout(this.deaf)
    this.socket = null
    if (this.state.value === 'closed') return
    this.attempt++
    const wait = atOnce ? 0 : waitBefore(this.attempt, (this.options.random ?? Math.random)())
    this.state.value = 'waiting'
    this.nextTry.value = Date.now() + wait
    this.retry = setTimeout(() => {
      this.connect()
    }, wait)
  }

  private heard(): void {
    clearTimeout(this.deaf)
    const half = (this.options.silence ?? 60_000) / 2
    this.deaf = setTimeout(() => {
      this.probe()
      this.deaf = setTimeout(() => { this.giveUp() }, half)
    }, half)
  }

  /** Asks one view again from where it is, or only whether anybody is there: whatever the answer, it is a sign of life. */
  private probe(): void {
    const [channel] = this.channels.values()
    if (!channel) {
      this.say({ op: 'ping' })
      return
    }
    this.say({ op: 'unsub', id: channel.id })
    this.say(channel.hello())
  }

  /** Does not wait for the other side to agree that it is over. */
  private giveUp(): void {
    const dead = this.socket
    if (!dead) return
    this.broken()
    dead.close()
  }

  private hear(message: ServerMessage): void {
    switch (message.op) {
      case 'subscribed': {
        const channel = this.byId(message.id)
        if (channel) channel.wireKey = message.view
        return
      }
      case 'pong':
        this.attempt = 0
        return
      case 'notice':
        this.attempt = 0
        for (const ear of this.ears) ear(message.kind)
        return
      case 'error':
        this.refused(message.id, message.problem)
        return
      case 'frame':
        this.attempt = 0
        this.frames.value++
        this.deal(message)
    }
  }

  private deal(frame: Frame): void {
    for (const channel of this.channels.values()) {
      if (channel.wireKey !== frame.view) continue
      if (channel.take(frame) === 'gap') {
        // Ask again from where we are; from nothing if the epoch is another's.
        if (channel.position?.epoch !== frame.epoch) channel.startOver()
        this.say({ op: 'unsub', id: channel.id })
        this.say(channel.hello())
      }
    }
  }

  private refused(id: string | undefined, problem: Problem): void {
    const channel = id === undefined ? undefined : this.byId(id)
    if (channel) channel.problem = problem
    console.warn('the server refused a view', problem)
  }

  private byId(id: string): Channel | undefined {
    for (const channel of this.channels.values()) if (channel.id === id) return channel
    return undefined
  }

  private say(message: ClientMessage): void {
    // A line that is about to close takes no more; the next begins anew.
    if (this.socket?.readyState === isOpen) this.socket.send(JSON.stringify(message))
  }
}
