import { computed, onScopeDispose, ref, shallowReactive, shallowRef, watch, type Ref } from 'vue'
import { cases, type CaseFull } from '@/api/cases'
import { Refused, send, why } from '@/api/client'
import { t } from '@/i18n'
import { useView } from '@/live/useView'
import { me } from '@/session/session'
import { api, type Duty, type Filling, type MyCase } from './api'
import { callsAmong, type LiveCase } from './calls'
import type { Place } from './place'
import { upload, UploadRefused } from './tus'

export type Phase = 'before' | 'scene' | 'after'

/** A photo on its way; it stays until the server has it. */
export interface Outgoing {
  id: string
  case: string
  phase: Phase
  photo: File
  preview: string
  takenAt: string
  place: Place | null
  upload?: string
  share: number
  failed: string
}

/** Whether a request failed because the line is down, and not because the server said no. */
export function lineDown(error: unknown): boolean {
  return !(error instanceof Refused) && !(error instanceof UploadRefused)
}

/** The duty, the tasks and the calls of whoever holds this terminal. */
export function useWork(place: Readonly<Ref<Place | null>>) {
  const duty = shallowRef<Duty | null>(null)
  const mine = shallowRef<MyCase[]>([])
  const known = ref(false)
  const open = shallowRef<CaseFull | null>(null)
  const openID = ref('')
  const busy = ref(false)
  const said = ref('')
  const outgoing = shallowReactive<Outgoing[]>([])
  let sayTimer: ReturnType<typeof setTimeout> | undefined
  let gone = false

  // Five frames a second: a dispatch is here within a fifth of one.
  const live = useView({ layers: ['incidents'], rate: 5 })
  const units = computed(() => (duty.value?.on && duty.value.unit ? [duty.value.unit] : []))
  const calls = computed(() => callsAmong(live.layer('incidents').values() as Iterable<LiveCase>, units.value, me.value?.subject ?? ''))
  const liveOf = (id: string) => live.layer('incidents').get(id) as LiveCase | undefined

  function say(text: string): void {
    said.value = text
    clearTimeout(sayTimer)
    sayTimer = setTimeout(() => { said.value = '' }, 6000)
  }

  async function readDuty(): Promise<void> {
    try {
      duty.value = await api.duty()
    } catch (error) {
      if (!lineDown(error)) say(t('enforce.failed', { why: why(error) }))
    }
  }

  async function setDuty(on: boolean): Promise<void> {
    busy.value = true
    try {
      duty.value = await api.setDuty(on)
      await readMine()
    } catch (error) {
      say(t('enforce.failed', { why: why(error) }))
    } finally {
      busy.value = false
    }
  }

  async function readMine(): Promise<void> {
    try {
      mine.value = (await api.mine(place.value ?? undefined)).items ?? []
      known.value = true
    } catch (error) {
      if (!lineDown(error)) say(t('enforce.failed', { why: why(error) }))
    }
  }

  async function look(id: string): Promise<void> {
    openID.value = id
    if (open.value?.case.id !== id) open.value = null
    if (id === '') return
    try {
      const full = await cases.one(id)
      if (openID.value === id) open.value = full
    } catch (error) {
      if (openID.value !== id) return
      say(t('enforce.failed', { why: why(error) }))
      if (!lineDown(error)) openID.value = ''
    }
  }

  /** Does a step; answers whether it was done. Somebody faster is named. */
  async function fire(full: CaseFull, event: string, input: Record<string, unknown> = {}): Promise<boolean> {
    busy.value = true
    const command = { id: crypto.randomUUID(), event, version: full.case.version, input, at: new Date().toISOString() }
    try {
      const now = await persist(() => cases.fire(full.case.id, command))
      if (openID.value === full.case.id) open.value = now
      await readMine()
      return true
    } catch (error) {
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

  /** Tries anew while the line is down, with the same id, so that it is done once. */
  async function persist<T>(attempt: () => Promise<T>): Promise<T> {
    for (let pause = 500; ; pause = Math.min(pause * 2, 8000)) {
      try {
        return await attempt()
      } catch (error) {
        if (!lineDown(error) || gone) throw error
        say(t('enforce.offline', { n: outgoing.length + 1 }))
        await new Promise<void>((done) => {
          const timer = setTimeout(go, pause)
          function go() {
            clearTimeout(timer)
            removeEventListener('online', go)
            done()
          }
          addEventListener('online', go)
        })
      }
    }
  }

  function photo(id: string, phase: Phase, file: File): void {
    const one: Outgoing = shallowReactive({
      id: crypto.randomUUID(), case: id, phase, photo: file, preview: URL.createObjectURL(file), takenAt: new Date(file.lastModified || Date.now()).toISOString(),
      place: place.value, share: 0, failed: '',
    })
    outgoing.push(one)
    void bring(one)
  }

  async function bring(one: Outgoing): Promise<void> {
    one.failed = ''
    try {
      const uploaded = await persist(() => upload(one.photo, one.photo.name, one.upload, (id) => { one.upload = id }, (share) => { one.share = share }))
      await persist(() => send(`/cases/${encodeURIComponent(one.case)}/proofs`, {
        id: one.id, upload: uploaded, phase: one.phase, takenAt: one.takenAt, sentAt: new Date().toISOString(),
        ...(one.place ? { lon: one.place.lon, lat: one.place.lat, accuracy: one.place.accuracy } : {}),
      }))
      drop(one)
      if (openID.value === one.case) await look(one.case)
    } catch (error) {
      one.failed = error instanceof UploadRefused ? error.message : why(error)
    }
  }

  function drop(one: Outgoing): void {
    const at = outgoing.indexOf(one)
    if (at >= 0) outgoing.splice(at, 1)
    URL.revokeObjectURL(one.preview)
  }

  /** Keeps a form; answers with what is wrong with its fields, or null when it is kept. */
  async function keepForm(id: string, form: Omit<Filling, 'id' | 'filledAt'>): Promise<Record<string, string> | null> {
    busy.value = true
    const filling: Filling = { ...form, id: crypto.randomUUID(), filledAt: new Date().toISOString(),
      ...(place.value ? { lon: place.value.lon, lat: place.value.lat, accuracy: place.value.accuracy } : {}) }
    try {
      const proof = await persist(() => api.fill(id, { ...filling, sentAt: new Date().toISOString() }))
      say(t('enforce.kept', { no: proof.text ?? '' }))
      if (openID.value === id) await look(id)
      return null
    } catch (error) {
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
    busy.value = true
    const noted = crypto.randomUUID()
    try {
      await persist(() => cases.note(id, { id: noted, text, kind: 'backup' }))
      say(t('enforce.backupSent'))
      if (openID.value === id) await look(id)
      return true
    } catch (error) {
      say(t('enforce.failed', { why: why(error) }))
      return false
    } finally {
      busy.value = false
    }
  }

  // What a frame says of the open case or of a call is newer than what was read.
  live.onDelta((delta) => {
    const touched = delta.changed.incidents
    if (touched.includes(openID.value) || delta.gone.incidents.includes(openID.value)) void look(openID.value)
    const minded = new Set(mine.value.map((c) => c.id))
    if (touched.some((id) => minded.has(id) || units.value.includes(liveOf(id)?.unit ?? ' '))) void readMine()
  })
  watch(() => calls.value.map((c) => c.key).join(), (now, before) => { if (now !== before && known.value) void readMine() })
  const beat = setInterval(() => { if (!document.hidden) void readMine() }, 30_000)
  onScopeDispose(() => {
    gone = true
    clearInterval(beat)
    clearTimeout(sayTimer)
    for (const one of outgoing) URL.revokeObjectURL(one.preview)
  })
  void readDuty()
  void readMine()

  return { duty, mine, known, open, openID, busy, said, outgoing, calls, liveOf, live, say, setDuty, look, fire, photo, bring, drop, keepForm, backup, readMine }
}

export type Work = ReturnType<typeof useWork>
