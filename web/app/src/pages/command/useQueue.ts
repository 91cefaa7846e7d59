import { computed, onScopeDispose, reactive, ref, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { useCity } from '@/api/city'
import { cases, type Case } from '@/api/cases'
import { why } from '@/api/client'
import { useLine, type LiveView } from '@/live/useView'
import { Batch } from './batch'
import { Book, type LiveIncident } from './book'
import { byUrgency, count, noFilter, passes, type Counts, type Filter } from './queue'

/** More open cases than this are not held: then the server's filters must help. */
const most = 10_000
const pageSize = 200

export interface Queue {
  filter: Filter
  /** What the filter lets through, what matters first. */
  rows: ComputedRef<Case[]>
  counts: ComputedRef<Counts>
  /** Every open case. */
  all: () => Case[]
  get: (id: string) => Case | undefined
  /** Raised with every change of the book. */
  revision: Ref<number>
  /** Puts in what was read elsewhere. */
  take: (c: Case) => void
  drop: (id: string) => void
  loading: Ref<boolean>
  failed: Ref<string>
  /** There are more open cases than are held. */
  cut: Ref<boolean>
  /** Those that came since the page was opened: for the alarm. */
  onNew: (fn: (c: Case) => void) => void
  again: () => Promise<void>
  wordsOf: (c: Case) => string
}

/** The queue of the open cases: read once, then as new as the live line. */
export function useQueue(live: LiveView, now: ComputedRef<number>): Queue {
  const city = useCity()
  const line = useLine()
  const book = new Book()
  const revision = ref(0)
  const loading = ref(true)
  const failed = ref('')
  const cut = ref(false)
  const filter = reactive<Filter>({ ...noFilter })
  const born: ((c: Case) => void)[] = []
  const known = new Set<string>()
  let loaded = false
  let reading: AbortController | undefined

  // One change of the list a frame, however many cases it was about.
  let frame = 0
  const changed = () => {
    if (frame !== 0) return
    frame = setTimeout(() => { frame = 0; revision.value++ }, 16) as unknown as number
  }

  const note = (id: string) => {
    if (known.has(id)) return
    known.add(id)
    const c = book.get(id)
    if (loaded && c) for (const fn of born) fn(c)
  }
  const take = (c: Case) => {
    if (book.take(c)) changed()
    if (book.get(c.id)) note(c.id)
  }
  const drop = (id: string) => {
    book.drop(id)
    changed()
  }

  // A report is in the model before its case is opened: it is asked for again.
  const patience = new Map<string, number>()
  const batch = new Batch(async (ids) => {
    const found = new Set<string>()
    for (const c of (await cases.some(ids)).items ?? []) {
      found.add(c.id)
      take(c)
    }
    for (const id of ids) {
      if (found.has(id)) patience.delete(id)
      else if ((book.get(id)?.version ?? 1) > 0) drop(id)
      else wait(id)
    }
  })
  const timers = new Set<ReturnType<typeof setTimeout>>()
  const wait = (id: string) => {
    const tries = (patience.get(id) ?? 0) + 1
    patience.set(id, tries)
    if (tries > 8) return
    const timer = setTimeout(() => { timers.delete(timer); batch.add(id) }, 250 * 2 ** tries)
    timers.add(timer)
  }

  async function again(): Promise<void> {
    reading?.abort()
    const mine = (reading = new AbortController())
    loading.value = true
    try {
      const seen = new Set<string>()
      let after: string | undefined
      do {
        const page = await cases.page({ open: 'true', order: 'urgency', limit: pageSize, after }, mine.signal)
        for (const c of page.items ?? []) {
          seen.add(c.id)
          take(c)
        }
        after = page.next
        cut.value = after !== undefined && after !== '' && seen.size >= most
      } while (after && seen.size < most)
      // What came by the line meanwhile is not in an early page: it stays.
      if (!cut.value) for (const i of live.peek('incidents').values()) if (book.get(i.id)?.version === 0) seen.add(i.id)
      if (!cut.value) book.keepOnly(seen)
      changed()
      loaded = true
      failed.value = ''
    } catch (error) {
      if (mine.signal.aborted) return
      failed.value = why(error)
    }
    if (reading === mine) loading.value = false
  }

  live.onDelta((delta) => {
    let touched = false
    for (const id of delta.changed.incidents) {
      const incident = live.peek('incidents').get(id) as LiveIncident | undefined
      if (!incident) continue
      // Before the list was read only its own pages say what is old and what is new.
      if (!loaded && delta.reset) continue
      const before = book.get(id)
      if (book.hear(incident)) batch.add(id)
      if (book.get(id) !== before) touched = true
      if (before === undefined && book.get(id)) note(id)
    }
    for (const id of delta.gone.incidents) if (book.get(id)) batch.add(id)
    if (touched) changed()
  })

  // After a break the line goes on from where it was, but what happened beside
  // the model (a note, an escalation) is in no frame.
  watch(line.state, (state, before) => {
    if (state === 'live' && before === 'connecting' && loaded) void again()
  })
  void again()

  onScopeDispose(() => {
    reading?.abort()
    batch.close()
    clearTimeout(frame)
    for (const timer of timers) clearTimeout(timer)
  })

  // Late is late within a few seconds: the list is not sorted at every tick.
  const moment = computed(() => Math.floor((Number.isNaN(now.value) ? Date.now() : now.value) / 5000) * 5000)
  const names = new Map<string, string>()
  const wordsOf = (c: Case) => {
    const key = `${c.id} ${String(c.version)} ${c.title ?? ''}`
    let found = names.get(key)
    if (found === undefined) {
      if (names.size > 4 * most) names.clear()
      found = [c.no, c.id, c.title, c.address, c.description, city.className(c.class), city.district(c.region)?.name, c.unit].join(' ').toLowerCase()
      names.set(key, found)
    }
    return found
  }
  const open: ShallowRef<Case[]> = shallowRef([])
  watch(revision, () => { open.value = [...book.values()] })
  const rows = computed(() => open.value.filter((c) => passes(c, filter, moment.value, wordsOf)).sort(byUrgency))
  const counts = computed(() => count(open.value, moment.value))

  return {
    filter, rows, counts, revision, loading, failed, cut, again, take, drop, wordsOf,
    all: () => [...book.values()],
    get: (id) => { void revision.value; return book.get(id) },
    onNew: (fn) => { born.push(fn) },
  }
}
