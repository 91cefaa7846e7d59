/**
 * The outdoor part of the program as pages use it: who is here, what waits to
 * be sent, where the phone is. One for all pages of the browser.
 */
import { computed, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { t } from '@/i18n'
import { nearest, withOutbox, type Task } from './overlay'
import { Outbox, type Hold } from './outbox'
import { forgetPerson } from './leave'
import { openStore, type Store } from './store'
import { Tracker } from './tracker'
import type { Act, Case, CaseClass, Coverage, Duty, Entry, Photo } from './types'
import { uploaderOf } from './upload'
import { leaveHere, whoIsHere, type Standing, type Who } from './who'
import { No, NoLine, wireOf, type Wire } from './wire'

export interface Field {
  readonly who: Readonly<ShallowRef<Who | undefined>>
  readonly standing: Readonly<Ref<Standing | 'asking'>>
  /** Everything of the outbox, oldest first. */
  readonly entries: Readonly<ShallowRef<readonly Entry[]>>
  /** What has not been sent. */
  readonly unsent: ComputedRef<readonly Entry[]>
  readonly unsentPositions: Readonly<Ref<number>>
  readonly hold: Readonly<Ref<Hold>>
  readonly sending: Readonly<Ref<boolean>>
  /** Bytes of photos on their way, by photo: [sent, of]. */
  readonly progress: Readonly<ShallowRef<ReadonlyMap<string, readonly [number, number]>>>
  readonly tasks: ComputedRef<readonly Task[]>
  /** When the tasks were told by the server. */
  readonly tasksAt: Readonly<Ref<number>>
  readonly classes: Readonly<ShallowRef<readonly CaseClass[]>>
  readonly duty: Readonly<ShallowRef<Duty | undefined>>
  readonly coverage: Readonly<ShallowRef<Coverage | undefined>>
  readonly tracker: Tracker
  readonly store: Store
  readonly wire: Wire
  /** Writes down what was done and begins to send it. The entry's id is a report's case id. */
  do(act: Act, label: string, photos?: Photo[]): Promise<Entry>
  retry(id: string): Promise<void>
  discard(id: string): Promise<void>
  /** Asks who is here, brings what waits, reads what is new. */
  refresh(): Promise<void>
  refreshTasks(): Promise<void>
  setDuty(on: boolean, unit?: string): Promise<void>
  signOut(): Promise<void>
}

let made: Promise<Field> | undefined

/** The one of this browser; opened at its first use. */
export function useField(): Promise<Field> {
  return (made ??= open())
}

async function open(): Promise<Field> {
  const store = await openStore()
  void navigator.storage?.persist?.().catch(() => undefined) // the browser must not tidy an outbox away
  const field = new Outdoors(store)
  await field.begin()
  return field
}

class Outdoors implements Field {
  readonly who = shallowRef<Who>()
  readonly standing = ref<Standing | 'asking'>('asking')
  readonly entries = shallowRef<readonly Entry[]>([])
  readonly unsent = computed(() => this.entries.value.filter((e) => e.state === 'waiting' || e.state === 'refused'))
  readonly unsentPositions = ref(0)
  readonly hold = ref<Hold>()
  readonly sending = ref(false)
  readonly progress = shallowRef<ReadonlyMap<string, readonly [number, number]>>(new Map())
  private readonly told = shallowRef<readonly Case[]>([])
  readonly tasksAt = ref(0)
  readonly classes = shallowRef<readonly CaseClass[]>([])
  readonly duty = shallowRef<Duty>()
  readonly coverage = shallowRef<Coverage>()
  readonly tracker = new Tracker()
  readonly tasks = computed(() => nearest(withOutbox(this.told.value, this.entries.value), this.tracker.here.value))
  wire: Wire = wireOf('')
  private outbox: Outbox | undefined
  private timer: ReturnType<typeof setTimeout> | undefined
  private lastSent = 0
  private putting: Promise<void> | undefined

  constructor(readonly store: Store) {}

  async begin(): Promise<void> {
    window.addEventListener('online', () => { void this.refresh() })
    document.addEventListener('visibilitychange', () => { if (!document.hidden) void this.refresh() })
    await this.meet()
    if (this.standing.value === 'in') void this.refresh()
  }

  /** Finds out who is here and opens what is theirs. */
  private async meet(): Promise<void> {
    const { standing, who, before } = await whoIsHere(wireOf(''))
    if (before !== undefined) await forgetPerson(before, this.store)
    this.standing.value = standing
    if (who?.subject === this.who.value?.subject && this.outbox) {
      this.who.value = who
      return
    }
    this.who.value = who
    this.outbox = undefined
    this.entries.value = []
    this.told.value = []
    this.duty.value = this.coverage.value = undefined
    this.tracker.stop()
    if (!who) return
    this.wire = wireOf(who.subject)
    this.outbox = new Outbox({
      store: this.store, owner: who.subject, changed: () => { void this.reread() },
      tools: {
        wire: this.wire, upload: uploaderOf(this.store, this.wire),
        progress: (photo, sent, of) => { this.progress.value = new Map(this.progress.value).set(photo, [sent, of]) },
        told: (c) => { this.told.value = this.told.value.map((old) => (old.id === c.id ? { ...old, ...c } : old)) },
        lost: (entry, said) => t('field.lostNote', { what: entry.label, by: said.by ?? t('field.somebody'), when: entry.made }),
      },
    })
    await this.readKept(who.subject)
    await this.reread()
    this.followOnDuty()
  }

  private followOnDuty(): void {
    if (this.duty.value?.on) this.follow()
  }

  private async readKept(owner: string): Promise<void> {
    const [tasks, classes, duty, coverage] = await Promise.all([
      this.store.kept<Case[]>(owner, 'tasks'), this.store.kept<CaseClass[]>(owner, 'classes'),
      this.store.kept<Duty>(owner, 'duty'), this.store.kept<Coverage>(owner, 'coverage'),
    ])
    this.told.value = tasks?.value ?? []
    this.tasksAt.value = tasks?.at ?? 0
    this.classes.value = classes?.value ?? []
    this.duty.value = duty?.value
    this.coverage.value = coverage?.value
  }

  private async reread(): Promise<void> {
    if (!this.outbox) return
    this.entries.value = await this.outbox.entries()
    this.unsentPositions.value = await this.store.countPositions(this.outbox.owner)
    this.hold.value = this.outbox.hold
    this.plan()
  }

  /** Sends again by itself when it is time. */
  private plan(): void {
    if (this.timer !== undefined) clearTimeout(this.timer)
    const waits = this.unsent.value.filter((e) => e.state === 'waiting')
    const soonest = waits.length > 0 ? Math.min(...waits.map((e) => e.after)) - Date.now() : undefined
    const positions = this.unsentPositions.value > 0 ? this.lastSent + this.tracker.pace.send - Date.now() : undefined
    const next = [soonest, positions].filter((n) => n !== undefined)
    if (next.length > 0 && this.hold.value !== 'signed-out') this.timer = setTimeout(() => { void this.flush(false) }, Math.max(1000, Math.min(...next)))
  }

  private async flush(hurry: boolean): Promise<void> {
    const outbox = this.outbox
    const before = this.unsent.value.length
    if (!outbox || this.standing.value === 'nobody') return
    this.sending.value = true
    try {
      await (hurry ? outbox.hurry() : outbox.flush())
      this.hold.value = outbox.hold
      if (outbox.hold === 'signed-out') this.standing.value = 'out'
      else if (outbox.hold === undefined) await this.putPositions(outbox.owner)
    } finally {
      this.sending.value = false
      this.progress.value = new Map()
      await this.reread()
    }
    if (this.unsent.value.length < before && this.hold.value === undefined) await this.refreshTasks()
  }

  /** Positions go after the shift that they belong to. */
  private putPositions(owner: string): Promise<void> {
    this.putting ??= (async () => {
      try {
        if (this.entries.value.some((e) => e.lane === 'duty' && e.state === 'waiting')) return
        for (;;) {
          const some = await this.store.positions(owner, 500)
          if (some.length === 0) break
          await this.wire.ask('POST', '/me/positions', { positions: some.map((p) => p.position), sentAt: new Date().toISOString() })
          await this.store.removePositions(some.map((p) => p.key))
        }
      } catch (error) {
        this.note(error)
      } finally {
        this.lastSent = Date.now()
        this.putting = undefined
      }
    })()
    return this.putting
  }

  /** What a failed question says about the line and the session. */
  private note(error: unknown): void {
    if (error instanceof NoLine) this.hold.value = 'no-line'
    else if (error instanceof No && error.said.status === 401) {
      this.hold.value = 'signed-out'
      this.standing.value = 'out'
    } else if (!(error instanceof No)) throw error
  }

  async do(act: Act, label: string, photos: Photo[] = []): Promise<Entry> {
    if (!this.outbox) throw new Error('nobody is here')
    const entry = await this.outbox.add(act, label, photos)
    void this.flush(true)
    return entry
  }

  async retry(id: string): Promise<void> {
    await this.outbox?.retry(id)
    await this.flush(true)
  }

  async discard(id: string): Promise<void> {
    await this.outbox?.discard(id)
  }

  async refresh(): Promise<void> {
    await this.meet()
    if (this.standing.value === 'out') this.hold.value = 'signed-out'
    if (this.standing.value !== 'in') return
    this.hold.value = undefined
    await this.flush(true)
    await Promise.all([this.refreshTasks(), this.refreshClasses(), this.refreshDuty()])
  }

  private async read<T>(path: string): Promise<T | undefined> {
    const owner = this.who.value?.subject
    if (owner === undefined) return undefined
    try {
      return await this.wire.ask<T>('GET', path)
    } catch (error) {
      if (error instanceof No && error.said.status !== 401) return undefined // not to be had: what is kept stays
      this.note(error)
      return undefined
    }
  }

  async refreshTasks(): Promise<void> {
    const owner = this.who.value?.subject
    const here = this.tracker.here.value
    const found = await this.read<{ items?: Case[] | null }>('/me/cases' + (here ? `?lon=${String(here.lon)}&lat=${String(here.lat)}` : ''))
    if (!found || owner === undefined || owner !== this.who.value?.subject) return
    this.told.value = found.items ?? []
    this.tasksAt.value = Date.now()
    await this.store.keep(owner, 'tasks', found.items ?? [])
  }

  private async refreshClasses(): Promise<void> {
    const owner = this.who.value?.subject
    const found = await this.read<{ classes?: CaseClass[] | null }>('/case-classes')
      ?? await this.read<{ classes?: CaseClass[] | null }>('/incident-classes')
    if (!found?.classes || owner === undefined) return
    this.classes.value = found.classes
    await this.store.keep(owner, 'classes', found.classes)
  }

  private async refreshDuty(): Promise<void> {
    const owner = this.who.value?.subject
    const duty = await this.read<Duty>('/me/duty')
    if (!duty || owner === undefined) return
    const waits = this.entries.value.some((e) => e.lane === 'duty' && e.state === 'waiting')
    if (!waits) await this.takeDuty(owner, duty)
    const cover = await this.read<Coverage>('/me/coverage')
    if (!cover) return
    this.coverage.value = cover
    await this.store.keep(owner, 'coverage', cover)
  }

  private async takeDuty(owner: string, duty: Duty): Promise<void> {
    this.duty.value = duty
    await this.store.keep(owner, 'duty', duty)
    if (duty.on) this.follow()
    else this.tracker.stop()
  }

  async setDuty(on: boolean, unit?: string): Promise<void> {
    const owner = this.who.value?.subject
    if (owner === undefined) return
    const at = new Date().toISOString()
    const before = this.duty.value
    const next: Duty = on
      ? { ...before, grids: before?.grids ?? [], on: true, since: at, ...(unit === undefined ? {} : { unit }) }
      : { on: false, grids: before?.grids ?? [] }
    await this.takeDuty(owner, next)
    await this.do({ kind: 'duty', on, at, ...(unit === undefined ? {} : { unit }) }, t(on ? 'field.dutyOn' : 'field.dutyOff'))
  }

  private follow(): void {
    const owner = this.who.value?.subject
    if (owner === undefined) return
    this.tracker.start((p) => {
      void (async () => {
        await this.store.addPosition(owner, p)
        this.unsentPositions.value = await this.store.countPositions(owner)
        this.plan()
      })()
    })
  }

  async signOut(): Promise<void> {
    const owner = this.who.value?.subject
    await this.wire.ask('POST', '/sign-out').catch(() => undefined)
    leaveHere()
    if (owner !== undefined) await forgetPerson(owner, this.store)
    this.tracker.stop()
    this.outbox = undefined
    this.who.value = undefined
    this.entries.value = []
    this.told.value = []
    this.standing.value = 'nobody'
  }
}
