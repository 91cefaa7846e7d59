import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { cases, type CaseFull } from '@/api/cases'
import { Refused, why } from '@/api/client'
import { photoOf } from '@/field/photo'
import type { Entry } from '@/field/types'
import type { Field } from '@/field/useField'
import { t } from '@/i18n'
import { useView } from '@/live/useView'
import { me } from '@/session/session'
import { api, type Filling } from './api'
import { ahead } from './away'
import { callsAmong, type LiveCase } from './calls'

export type Phase = 'before' | 'scene' | 'after'

/** Something of a case on its way; it stays on this device until the server has it. */
export interface Outgoing {
  id: string
  case: string
  label: string
  preview: string
  share: number
  failed: string
}

/** Whether a request failed because the line is down, and not because the server said no. */
export function lineDown(error: unknown): boolean {
  return !(error instanceof Refused)
}

/** The duty, the tasks and the calls of whoever holds this terminal. */
export function useWork(field: Field) {
  const place = field.tracker.here
  const duty = field.duty
  const mine = field.tasks
  const known = computed(() => field.tasksAt.value > 0)
  const open = shallowRef<CaseFull | null>(null)
  const openID = ref('')
  const busy = ref(false)
  const said = ref('')
  const previews = new Map<string, string>()
  let sayTimer: ReturnType<typeof setTimeout> | undefined

  const subject = computed(() => field.who.value?.subject ?? me.value?.subject ?? '')
  const caseOf = (e: Entry): string => e.act.kind === 'proof' || e.act.kind === 'note' || e.act.kind === 'command' ? e.act.case
    : e.act.kind === 'post' ? decodeURIComponent(/^\/cases\/([^/]+)/.exec(e.act.path)?.[1] ?? '') : ''
  const outgoing = computed<Outgoing[]>(() => field.unsent.value.map((e) => {
    const photo = e.act.kind === 'proof' ? e.act.photo : ''
    const [sent, of] = field.progress.value.get(photo) ?? [0, 1]
    return { id: e.id, case: caseOf(e), label: e.label, preview: previews.get(photo) ?? '', share: of > 0 ? sent / of : 0, failed: e.state === 'refused' ? e.said?.text ?? '?' : '' }
  }))

  // Five frames a second: a dispatch is here within a fifth of one.
  const live = useView({ layers: ['incidents'], rate: 5 })
  const units = computed(() => (duty.value?.on && duty.value.unit ? [duty.value.unit] : []))
  const calls = computed(() => callsAmong(live.layer('incidents').values() as Iterable<LiveCase>, units.value, subject.value))
  const liveOf = (id: string) => live.layer('incidents').get(id) as LiveCase | undefined

  function say(text: string): void {
    said.value = text
    clearTimeout(sayTimer)
    sayTimer = setTimeout(() => { said.value = '' }, 6000)
  }

  async function setDuty(on: boolean): Promise<void> {
    busy.value = true
    try {
      await field.setDuty(on)
      await field.refresh() // with which unit is the server's to say
    } catch (error) {
      say(t('enforce.failed', { why: why(error) }))
    } finally {
      busy.value = false
    }
  }

  const readMine = () => field.refreshTasks()

  async function look(id: string): Promise<void> {
    openID.value = id
    if (open.value?.case.id !== id) open.value = null
    if (id === '') return
    try {
      const full = await cases.one(id)
      if (openID.value === id) open.value = full
      await field.store.keep(subject.value, `case ${id}`, full)
    } catch (error) {
      if (openID.value !== id) return
      if (!lineDown(error)) {
        openID.value = ''
        say(t('enforce.failed', { why: why(error) }))
        return
      }
      open.value ??= (await field.store.kept<CaseFull>(subject.value, `case ${id}`))?.value ?? null
      if (open.value === null) say(t('enforce.failed', { why: why(error) }))
    }
  }

  /** Does a step; answers whether it was done. Somebody faster is named. */
  async function fire(full: CaseFull, event: string, input: Record<string, unknown> = {}): Promise<boolean> {
    busy.value = true
    const at = new Date().toISOString()
    const command = { id: crypto.randomUUID(), event, version: full.case.version, input, at }
    try {
      // What waits to be sent goes first: the step may build on it.
      if (field.unsent.value.some((e) => caseOf(e) === full.case.id && e.state === 'waiting')) throw new TypeError('the outbox first')
      const now = await cases.fire(full.case.id, command)
      if (openID.value === full.case.id) open.value = now
      await readMine()
      return true
    } catch (error) {
      if (lineDown(error)) {
        await field.do({ kind: 'command', case: full.case.id, event, from: full.case.state, version: full.case.version, input, at }, t('enforce.step', { what: event }))
        const then = ahead(full, event, subject.value)
        if (openID.value === full.case.id) open.value = then
        await field.store.keep(subject.value, `case ${full.case.id}`, then)
        say(t('enforce.offline', { n: field.unsent.value.length }))
        return true
      }
      if (error instanceof Refused && error.status === 409) {
        const problem = error.problem as { by?: string; byName?: string; state?: string }
        const other = problem.byName ?? problem.by
        say(other && problem.by !== me.value?.subject ? t('enforce.faster', { who: other }) : t('enforce.changed'))
        await Promise.all([look(openID.value), readMine()])
      } else {
        say(t('enforce.failed', { why: why(error) }))
      }
      return false
    } finally {
      busy.value = false
    }
  }

  async function photo(id: string, phase: Phase, file: File): Promise<void> {
    const here = place.value ?? undefined
    const one = await photoOf(file, subject.value, here)
    previews.set(one.id, URL.createObjectURL(one.blob))
    await field.do({ kind: 'proof', case: id, photo: one.id, phase, takenAt: one.takenAt, ...(here ? { place: here } : {}) }, t(`enforce.phase.${phase}`), [one])
  }

  /** Keeps a form; answers with what is wrong with its fields, or null when it is kept. */
  async function keepForm(id: string, form: Omit<Filling, 'id' | 'filledAt'>): Promise<Record<string, string> | null> {
    busy.value = true
    const filling: Filling = { ...form, id: crypto.randomUUID(), filledAt: new Date().toISOString(),
      ...(place.value ? { lon: place.value.lon, lat: place.value.lat, accuracy: place.value.accuracy ?? 0 } : {}) }
    try {
      const proof = await api.fill(id, { ...filling, sentAt: new Date().toISOString() })
      say(t('enforce.kept', { no: proof.text ?? '' }))
      if (openID.value === id) await look(id)
      return null
    } catch (error) {
      if (lineDown(error)) {
        const { id: _, ...body } = filling
        await field.do({ kind: 'post', path: `/cases/${encodeURIComponent(id)}/forms`, body }, t('enforce.phase.form'))
        say(t('enforce.offline', { n: field.unsent.value.length }))
        return null
      }
      if (error instanceof Refused && error.status === 422 && error.problem.errors) {
        return Object.fromEntries(error.problem.errors.map((e) => [(e.field ?? '').replace(/^\/values\//, ''), e.message ?? '']))
      }
      say(t('enforce.failed', { why: why(error) }))
      return {}
    } finally {
      busy.value = false
    }
  }

  async function backup(id: string, text: string): Promise<boolean> {
    await field.do({ kind: 'note', case: id, text, note: 'backup' }, t('enforce.backup'))
    return true
  }

  // What a frame says of the open case or of a call is newer than what was read.
  live.onDelta((delta) => {
    const touched = delta.changed.incidents
    if (touched.includes(openID.value) || delta.gone.incidents.includes(openID.value)) void look(openID.value)
    const minded = new Set(mine.value.map((c) => c.id))
    if (touched.some((id) => minded.has(id) || units.value.includes(liveOf(id)?.unit ?? ' '))) void readMine()
  })
  watch(() => calls.value.map((c) => c.key).join(), (now, before) => { if (now !== before) void readMine() })
  // What left the outbox is with the server now.
  const sentOnes = computed(() => field.entries.value.filter((e) => e.state === 'sent' && caseOf(e) === openID.value && openID.value !== '').map((e) => `${e.act.kind} ${e.id}`))
  watch(() => sentOnes.value.join(), (now, before) => {
    const fresh = sentOnes.value.filter((x) => !before.includes(x))
    if (now === before || fresh.length === 0) return
    if (fresh.some((x) => x.startsWith('note '))) say(t('enforce.backupSent'))
    void look(openID.value)
  })
  const beat = setInterval(() => { if (!document.hidden) void readMine() }, 30_000)
  onScopeDispose(() => {
    clearInterval(beat)
    clearTimeout(sayTimer)
    for (const url of previews.values()) URL.revokeObjectURL(url)
  })
  void field.refresh()

  const retry = (o: Outgoing) => field.retry(o.id)
  const drop = (o: Outgoing) => field.discard(o.id)
  return { field, place, duty, mine, known, open, openID, busy, said, outgoing, calls, liveOf, live, say, setDuty, look, fire, photo, retry, drop, keepForm, backup, readMine }
}

export type Work = ReturnType<typeof useWork>
