import { computed, onScopeDispose, ref, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { cases, isOver, type Alike, type Candidate, type Candidates, type Case, type CaseFull } from '@/api/cases'
import { Refused, why } from '@/api/client'
import type { Offer } from '@/api/flow'
import type { Queue } from './useQueue'

export interface OpenCase {
  id: Ref<string | null>
  /** The newest of it: its record in the queue, else what was read. */
  it: ComputedRef<Case | null>
  full: ShallowRef<CaseFull | null>
  /** What this operator can do with it now, and why not. */
  offers: ComputedRef<Offer[]>
  offer: (event: string) => Offer | undefined
  candidates: ShallowRef<Candidate[]>
  responsible: ShallowRef<Candidates['responsible']>
  /** Which candidate is chosen: the first, until another is picked. */
  pick: Ref<number>
  chosen: ComputedRef<Candidate | null>
  alike: ShallowRef<Alike[]>
  failed: Ref<string>
  /** Why nobody is proposed, where asking failed. */
  noCandidates: Ref<string>
  choose: (id: string | null) => void
  /** Takes in the answer of a command. */
  put: (full: CaseFull | undefined) => void
  again: () => Promise<void>
}

/** States in which somebody can be sent. */
const sendable = new Set(['reported', 'established', 'offered', 'assigned', 'accepted', 'handling'])

/** The case that is open at the desk, with all that belongs to it. */
export function useCase(queue: Queue): OpenCase {
  const id = ref<string | null>(null)
  const full = shallowRef<CaseFull | null>(null)
  const candidates = shallowRef<Candidate[]>([])
  const responsible = shallowRef<Candidates['responsible']>(null)
  const alike = shallowRef<Alike[]>([])
  const pick = ref(0)
  const failed = ref('')
  const noCandidates = ref('')
  let reading: AbortController | undefined
  // Of what is asked for beside the case: ends when another case is opened.
  let besides = new AbortController()
  let asked = ''

  const it = computed(() => {
    if (id.value === null) return null
    const listed = queue.get(id.value)
    const read = full.value?.case.id === id.value ? full.value.case : null
    if (!listed) return read
    if (!read) return listed
    return read.version >= listed.version && read.state === listed.state ? read : { ...read, ...listed }
  })
  const offers = computed(() => (full.value && full.value.case.id === id.value ? (full.value.offers ?? []) : []))

  async function again(): Promise<void> {
    const of = id.value
    if (of === null) return
    reading?.abort()
    const mine = (reading = new AbortController())
    try {
      const read = await cases.one(of, mine.signal)
      if (id.value !== of) return
      put(read)
      failed.value = ''
    } catch (error) {
      if (mine.signal.aborted || id.value !== of) return
      // A report whose case is being opened right now: the queue asks again.
      failed.value = error instanceof Refused && error.status === 404 && queue.get(of)?.version === 0 ? '' : why(error)
    }
  }

  function put(read: CaseFull | undefined): void {
    if (!read) return
    queue.take(read.case)
    if (isOver(read.case)) queue.drop(read.case.id)
    if (read.case.id !== id.value) return
    if (full.value?.case.id === id.value && full.value.case.version > read.case.version) return
    full.value = read
    void beside(read.case)
  }

  /** Who could go, and what is like it: asked once for a place, state and unit. */
  async function beside(c: Case): Promise<void> {
    const key = [c.id, c.state, c.unit ?? '', c.lon, c.lat].join()
    if (asked === key) return
    asked = key
    const { signal } = besides
    const still = () => id.value === c.id && asked === key
    if (sendable.has(c.state)) {
      cases.candidates(c.id, signal).then(
        (found) => {
          if (!still()) return
          candidates.value = found.items ?? []
          responsible.value = found.responsible ?? null
          pick.value = 0
          noCandidates.value = ''
        },
        (error: unknown) => {
          if (!still()) return
          candidates.value = []
          noCandidates.value = why(error)
          asked = ''
        },
      )
    } else candidates.value = []
    if (c.state === 'reported' || c.state === 'established' || c.state === 'assigned') {
      cases.alike(c.id, signal).then((found) => { if (still()) alike.value = found.items ?? [] }, () => undefined)
    } else alike.value = []
  }

  function choose(next: string | null): void {
    if (next === id.value) return
    reading?.abort()
    besides.abort()
    besides = new AbortController()
    id.value = next
    full.value = null
    candidates.value = []
    responsible.value = null
    alike.value = []
    pick.value = 0
    failed.value = ''
    noCandidates.value = ''
    asked = ''
    void again()
  }

  // Seen on the line first, then the rest is asked for.
  watch(() => {
    const c = id.value === null ? undefined : queue.get(id.value)
    return c ? `${c.id} ${String(c.version)} ${c.state} ${c.unit ?? ''}` : ''
  }, (key, before) => {
    const c = id.value === null ? undefined : queue.get(id.value)
    if (key === '' && before === '') return
    // It left the queue: closed, merged or rejected, here or by somebody else.
    if (!c || full.value?.case.id !== c.id || full.value.case.version < c.version || full.value.case.state !== c.state || (full.value.case.unit ?? '') !== (c.unit ?? '')) void again()
  })
  onScopeDispose(() => {
    reading?.abort()
    besides.abort()
  })

  return {
    id, it, full, offers, candidates, responsible, pick, alike, failed, noCandidates, choose, put, again,
    offer: (event) => offers.value.find((o) => o.event === event),
    chosen: computed(() => candidates.value[pick.value] ?? null),
  }
}
