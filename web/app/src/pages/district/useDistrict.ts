import { computed, onScopeDispose, ref, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { useCity } from '@/api/city'
import { get, why } from '@/api/client'
import type { Panel } from '@/api/evaluation'
import type { Region } from '@/api/types'
import { useView, type LiveView } from '@/live/useView'
import { districtOf } from '@/session/scope'
import { me } from '@/session/session'

/** How long a change of a case waits until the panel is read again, ms. */
const settle = 1500
/** How long the panel stands without any, ms: clocks run out by themselves. */
const stale = 30_000

export interface District {
  /** The region in view, '' while it is not known. */
  region: Ref<string>
  /** It and the regions around it, outermost first, as far as one may count there. */
  above: ComputedRef<Region[]>
  panel: ShallowRef<Panel | null>
  failed: Ref<string>
  things: LiveView
  load: () => Promise<void>
}

/** The panel of a region, read anew whenever one of its cases changes. */
export function useDistrict(): District {
  const route = useRoute()
  const router = useRouter()
  const city = useCity()
  const asked = () => (typeof route.query['region'] === 'string' ? route.query['region'] : '')
  const mine = districtOf(me.value?.scope ?? [])
  const region = ref(asked() || mine || '')
  const panel = shallowRef<Panel | null>(null)
  const failed = ref('')
  const known = shallowRef(new Map<string, Region>())

  watch(() => city.facts.city, (profile) => { if (profile && region.value === '') region.value = mine ?? profile.code }, { immediate: true })
  watch(() => route.query['region'], () => { if (asked() !== '') region.value = asked() })

  let newest = 0
  async function load(): Promise<void> {
    if (region.value === '') return
    const turn = ++newest
    try {
      const found = await get<Panel>(`/districts/${encodeURIComponent(region.value)}/panel`)
      if (turn !== newest) return
      panel.value = found
      failed.value = ''
    } catch (error) {
      if (turn === newest) failed.value = why(error)
    }
  }
  watch(region, (code) => {
    if (code !== '' && asked() !== code) void router.push({ query: { ...route.query, region: code } })
    void load()
    void learn(code)
  }, { immediate: true })

  /** Reads what the regions around one are called. */
  async function learn(code: string): Promise<void> {
    for (let c = code; c !== '' && !known.value.has(c);) {
      const found: Region | null = await get<Region>(`/regions/${c}`).catch(() => null)
      if (!found) return
      known.value = new Map(known.value).set(c, found)
      c = found.parent ?? ''
    }
  }
  const above = computed(() => {
    const out: Region[] = []
    for (let r = known.value.get(region.value); r; r = r.parent ? known.value.get(r.parent) : undefined) {
      // Above one's own district there is nothing of one's own.
      if (mine !== undefined && !r.code.startsWith(mine)) break
      out.unshift(r)
    }
    return out
  })

  const things = useView(() => (region.value === '' ? null : { layers: ['units', 'incidents'], region: region.value, rate: 2 }))
  let timer: ReturnType<typeof setTimeout> | undefined
  things.onDelta((delta) => {
    if (delta.changed.incidents.length === 0 && delta.gone.incidents.length === 0) return
    timer ??= setTimeout(() => {
      timer = undefined
      void load()
    }, settle)
  })
  const ticking = setInterval(() => { if (document.visibilityState === 'visible') void load() }, stale)
  onScopeDispose(() => {
    clearTimeout(timer)
    clearInterval(ticking)
  })
  return { region, above, panel, failed, things, load }
}
