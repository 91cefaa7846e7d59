import { reactive, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import { cases, type Case, type CaseFull, type Command } from '@/api/cases'
import { words, type Offer } from '@/api/flow'
import { t } from '@/i18n'
import { failure, isUnsure, wasSlow } from './conflict'
import { newId } from './ident'
import type { OpenCase } from './useCase'
import type { Queue } from './useQueue'

/** What is being filled in: an event of the machine, or one of the desk's own forms. */
export interface Form {
  case: string
  /** An event, or "note", "urge", "split". */
  act: string
  offer: Offer | null
}

export interface Said {
  good: boolean
  text: string
  at: number
}

export interface Acts {
  form: ShallowRef<Form | null>
  /** What was typed into a form, kept until it is done: by case and act. */
  draft: (form: Form) => Record<string, string>
  busy: Ref<string>
  said: ShallowRef<Said | null>
  /** Units ticked for an open call 抢单. */
  called: Ref<string[]>
  open: (act: string) => void
  shut: () => void
  /** Sends the chosen candidate. */
  dispatch: () => Promise<void>
  /** Fires an event that needs nothing to be filled in. */
  fire: (event: string, input?: Record<string, unknown>, why?: string) => Promise<boolean>
  submit: () => Promise<void>
  merge: (into: string) => Promise<void>
  tell: (good: boolean, text: string) => void
}

/** Acts of the desk that are no event of the machine, or more than one. */
const own = new Set(['note', 'urge', 'merge', 'split'])

/** What the operator does with the open case. */
export function useActs(queue: Queue, open: OpenCase, mayUrge: () => boolean): Acts {
  const form = shallowRef<Form | null>(null)
  const drafts = reactive(new Map<string, Record<string, string>>())
  const busy = ref('')
  const said = shallowRef<Said | null>(null)
  const called = ref<string[]>([])
  // A command whose answer did not come keeps its id: sent again it is the same.
  const unsure = new Map<string, string>()

  const tell = (good: boolean, text: string) => { said.value = { good, text, at: Date.now() } }
  const key = (f: Form) => `${f.case} ${f.act}`
  const draft = (f: Form) => {
    const found = drafts.get(key(f)) ?? {}
    if (!drafts.has(key(f))) drafts.set(key(f), found)
    return drafts.get(key(f)) ?? found
  }

  /** Does it once, and says how it went; false: not done, nothing is lost. */
  async function attempt(c: Case, what: string, done: string, ask: (id: string) => Promise<CaseFull | undefined>): Promise<boolean> {
    if (busy.value !== '') return false
    busy.value = what
    const name = `${c.id} ${String(c.version)} ${what}`
    const id = unsure.get(name) ?? newId()
    unsure.set(name, id)
    try {
      const full = await ask(id)
      unsure.delete(name)
      if (full) open.put(full)
      else if (open.id.value === c.id) void open.again()
      tell(true, done)
      return true
    } catch (error) {
      if (!isUnsure(error)) unsure.delete(name)
      tell(false, failure(error))
      if (wasSlow(error)) await open.again()
      return false
    } finally {
      busy.value = ''
    }
  }

  async function fire(event: string, input: Record<string, unknown> = {}, why = ''): Promise<boolean> {
    const c = open.it.value
    const offer = open.offer(event)
    if (!c || !offer) {
      if (c) tell(false, t('command.notNow', { what: t(`event.${event}` as 'event.close') }))
      return false
    }
    if (!offer.may) {
      tell(false, (offer.whyNot ?? []).map(words).join('；') || t('command.notNow', { what: words(offer.title) }))
      return false
    }
    const version = open.full.value?.case.version ?? c.version
    return attempt(c, event + JSON.stringify(input), t('command.done', { what: t(`event.${event}` as 'event.close'), no: c.no || c.id }), (id) => {
      const command: Command = { id, event, version, input, ...(why ? { why } : {}) }
      return cases.fire(c.id, command)
    })
  }

  async function dispatch(): Promise<void> {
    const unit = open.chosen.value
    const c = open.it.value
    if (!c || !unit) {
      tell(false, t('command.nobody'))
      return
    }
    const before = c.no || c.id
    if (await fire('assign', { unit: unit.unit, ...(open.responsible.value?.org ? { org: open.responsible.value.org } : {}) })) {
      tell(true, t('command.sent', { unit: unit.name, no: before }))
    }
  }

  // Pressed before it is known what can be done: done as soon as it is.
  let early: { case: string; act: string } | null = null
  watch(open.full, (full) => {
    const wanted = early
    if (!full || !wanted) return
    early = null
    if (wanted.case === full.case.id && open.id.value === wanted.case) begin(wanted.act)
  })

  function begin(act: string): void {
    const c = open.it.value
    if (!c) return
    if (!open.full.value && !open.failed.value) {
      early = { case: c.id, act }
      return
    }
    const offer = open.offer(act) ?? null
    if (!own.has(act)) {
      if (!offer?.may) {
        void fire(act)
        return
      }
      const asks = (offer.required ?? []).length > 0 || act === 'close'
      if (!asks && act !== 'assign') {
        void fire(act)
        return
      }
    }
    if (act === 'urge' && !mayUrge()) return
    if (act === 'merge') {
      // One key: it can be split again with one key.
      const first = open.alike.value[0]
      if (first) void merge(first.case.id)
      else tell(false, t('command.noAlike'))
      return
    }
    if (act === 'split') {
      const related = open.full.value?.related ?? []
      if (related.length === 0) return
      if (related.length === 1 && related[0]) {
        void split(related[0], '')
        return
      }
    }
    if (act === 'offer' && called.value.length === 0) called.value = open.candidates.value.filter((x) => (x.busyWith ?? []).length === 0).slice(0, 3).map((x) => x.unit)
    form.value = { case: c.id, act, offer }
  }

  async function merge(into: string): Promise<void> {
    const c = open.it.value
    if (!c) return
    const version = open.full.value?.case.version ?? c.version
    const other = open.alike.value.find((a) => a.case.id === into)
    const why = (other?.reasons ?? []).map((r) => r.zh).join('，')
    const done = await attempt(c, `merge ${into}`, t('command.merged', { no: c.no || c.id, into: other?.case.no ?? into }), () => cases.merge(c.id, { into, version, why }))
    if (!done) return
    queue.drop(c.id)
    open.choose(into)
  }

  async function split(one: Case, why: string): Promise<boolean> {
    const c = open.it.value
    if (!c) return false
    const done = await attempt(c, `split ${one.id}`, t('command.split.done', { no: one.no || one.id }), () => cases.split(one.id, { version: one.version, why }))
    if (done) await open.again()
    return done
  }

  async function submit(): Promise<void> {
    const f = form.value
    const c = open.it.value
    if (!f || c?.id !== f.case) return
    const values = draft(f)
    const why = (values['why'] ?? '').trim()
    let done = false
    if (f.act === 'note' || f.act === 'urge') {
      const text = (values['text'] ?? '').trim()
      if (text === '') return
      const kind = f.act
      done = await attempt(c, `${kind} ${text}`, t(kind === 'urge' ? 'command.urged' : 'command.noted', { no: c.no || c.id }), (id) => cases.note(c.id, { id, text, kind }))
    } else if (f.act === 'split') {
      const one = (open.full.value?.related ?? []).find((r) => r.id === values['id'])
      if (one) done = await split(one, why)
    } else {
      const kinds = new Map([...(f.offer?.required ?? []), ...(f.offer?.optional ?? [])].map((x) => [x.name, x.kind]))
      const given = Object.entries(values).filter(([name, v]) => kinds.has(name) && v.trim() !== '')
        .map(([name, v]) => [name, kinds.get(name) === 'number' ? Number(v) : kinds.get(name) === 'bool' ? v === 'true' : v] as const)
      done = await fire(f.act, Object.fromEntries(given), why)
      if (done && f.act === 'offer') called.value = []
    }
    if (!done) return
    drafts.delete(key(f))
    if (form.value === f) form.value = null
  }

  return { form, draft, busy, said, called, open: begin, shut: () => { form.value = null }, dispatch, fire, submit, merge, tell }
}
