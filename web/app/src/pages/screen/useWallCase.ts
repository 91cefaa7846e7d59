import { computed, ref, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { cases, type Candidate, type CaseFull } from '@/api/cases'
import { Refused, why } from '@/api/client'
import { stepOf, type LiveIncident } from '@/pages/command/book'
import { failure, wasSlow } from '@/pages/command/conflict'
import { newId } from '@/pages/command/ident'
import { t } from '@/i18n'

export interface WallCase {
  full: ShallowRef<CaseFull | null>
  candidates: ShallowRef<Candidate[]>
  failed: Ref<string>
  sends: ComputedRef<boolean>
  sending: Ref<string>
  said: ShallowRef<{ text: string; good: boolean } | null>
  dispatch: (unit: { id: string; name: string }, note: string) => Promise<boolean>
}

/** The case whose card is open on the wall; read again whenever the line says that it has changed. */
export function useWallCase(id: string, live: ComputedRef<LiveIncident | undefined>): WallCase {
  const full = shallowRef<CaseFull | null>(null)
  const candidates = shallowRef<Candidate[]>([])
  const failed = ref('')
  const sending = ref('')
  const said = shallowRef<{ text: string; good: boolean } | null>(null)
  const sends = computed(() => full.value?.offers?.some((o) => o.event === 'assign' && o.may) === true)
  let asked = ''
  let again: ReturnType<typeof setTimeout> | undefined

  async function load(): Promise<void> {
    clearTimeout(again)
    try {
      full.value = await cases.one(id)
      failed.value = ''
    } catch (error) {
      // A report whose case is being opened right now.
      if (error instanceof Refused && error.status === 404 && live.value && full.value === null) again = setTimeout(() => { void load() }, 700)
      else failed.value = t('detail.failed', { why: why(error) })
      return
    }
    const c = full.value.case
    const key = `${c.state} ${c.unit ?? ''}`
    if (!sends.value) candidates.value = []
    else if (asked !== key) {
      asked = key
      candidates.value = await cases.candidates(id).then((found) => (found.items ?? []).slice(0, 4), () => [])
    }
  }
  watch(() => (live.value ? `${stepOf(live.value)} ${live.value.unit ?? ''} ${String(live.value.version ?? 0)}` : ''), () => { void load() }, { immediate: true })

  async function dispatch(unit: { id: string; name: string }, note: string): Promise<boolean> {
    const c = full.value?.case
    if (!c) return false
    sending.value = unit.id
    said.value = null
    try {
      full.value = await cases.fire(id, { id: newId(), event: 'assign', version: c.version, input: { unit: unit.id, ...(note ? { note } : {}) } })
      said.value = { text: t('dispatch.done', { unit: unit.name }), good: true }
      return true
    } catch (error) {
      said.value = { text: failure(error), good: false }
      if (wasSlow(error)) await load()
      return false
    } finally {
      sending.value = ''
    }
  }
  return { full, candidates, failed, sends, sending, said, dispatch }
}
