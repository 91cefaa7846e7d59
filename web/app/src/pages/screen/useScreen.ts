import { computed, inject, provide, ref, shallowRef, watch, type ComputedRef, type InjectionKey, type Ref, type ShallowRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { get } from '@/api/client'
import { useCity } from '@/api/city'
import type { Region } from '@/api/types'
import { lang } from '@/i18n'
import type { Picked } from '@/map/CityMap.vue'
import type { Measure } from '@/map/measure'
import { useMeasures } from '@/map/useMeasures'
import { useClock } from '@/live/useClock'
import { useView, type LiveView } from '@/live/useView'
import { districtOf, reaches } from '@/session/scope'
import { me } from '@/session/session'

/** What the parts of the big screen share. */
export interface Screen {
  /** Code of the district in view; null for the whole city. */
  district: Ref<string | null>
  /** The thing whose card is open. */
  picked: ShallowRef<Picked | null>
  measure: ComputedRef<Measure>
  measures: ComputedRef<Measure[]>
  chooseMeasure: (id: string) => void
  /** The regions with their shapes, and the one in view. */
  shapes: ShallowRef<Region[]>
  inView: ComputedRef<Region | null>
  resolution: Ref<number>
  cells: LiveView
  things: LiveView
  board: LiveView
  /** Some of what is shown was made by a simulator 模拟数据. */
  simulated: ComputedRef<boolean>
  /** The city's time, ms. */
  now: ComputedRef<number>
  /** Moves the map to a place. */
  flyTo: (lon: number, lat: number) => void
  onFly: (fn: (lon: number, lat: number) => void) => void
  /** Where the unit with an open card has been. */
  track: ShallowRef<[number, number][]>
}

const key: InjectionKey<Screen> = Symbol('screen')

export function useScreen(): Screen {
  const screen = inject(key)
  if (!screen) throw new Error('outside of the screen page')
  return screen
}

/** Live data and state of the big screen; `widgets` are the charts it shows. */
export function provideScreen(widgets: ComputedRef<string[]>): Screen {
  const route = useRoute()
  const router = useRouter()
  const city = useCity()

  const asked = (name: string) => (typeof route.query[name] === 'string' ? route.query[name] : undefined)
  // Who may see one district only begins there.
  const scope = me.value?.scope ?? []
  const named = asked('region')
  const district = ref<string | null>((named !== undefined && reaches(scope, named) ? named : undefined) ?? districtOf(scope) ?? null)
  const picked = shallowRef<Picked | null>(null)
  const measureId = ref(asked('measure') ?? 'index')
  const resolution = ref(8)
  const shapes = shallowRef<Region[]>([])
  const track = shallowRef<[number, number][]>([])

  const region = computed(() => {
    const whole = city.facts.city?.code
    return whole === undefined ? null : (district.value ?? whole)
  })
  const cells = useView(() => (region.value === null ? null : { layers: ['cells'], region: region.value, res: resolution.value, rate: 2 }))
  const things = useView(() => (region.value === null ? null : { layers: ['devices', 'units', 'incidents'], region: region.value, rate: 5 }))
  const board = useView(() => (region.value === null || widgets.value.length === 0 ? null : { layers: [], region: region.value, widgets: widgets.value, lang: lang.value, rate: 1 }))

  const { measures, measure } = useMeasures(cells, measureId)
  // The profile says it as of when the page was opened, the widgets as of now.
  const simulated = computed(() => city.facts.city?.simulated === true || [...board.widgets().values()].some((w) => w.simulated))
  const inView = computed(() => shapes.value.find((r) => r.code === region.value) ?? null)

  // A code that is no district's, out of an old link, is where one begins.
  watch(() => city.facts.districts, (all) => {
    if (district.value !== null && !all.some((d) => d.code === district.value)) district.value = districtOf(scope) ?? null
  })

  // The address says what is shown, so that a wall can be set by a link.
  watch([district, measureId], () => {
    const query = { ...route.query, region: district.value ?? undefined, measure: measureId.value === 'index' ? undefined : measureId.value }
    void router.replace({ query })
  })
  watch(district, () => { picked.value = null })
  watch(picked, () => { track.value = [] })

  watch(() => [city.facts.city, city.facts.districts] as const, async ([profile, districts]) => {
    if (!profile || districts.length === 0) return
    const codes = [profile.code, ...districts.map((d) => d.code)]
    shapes.value = await Promise.all(codes.map((code) => get<Region>(`/regions/${code}`)))
  }, { immediate: true })

  let fly: (lon: number, lat: number) => void = () => undefined
  const screen: Screen = {
    district, picked, measure, measures, shapes, inView, resolution, cells, things, board, track, simulated,
    now: useClock(things.time),
    chooseMeasure: (id) => { measureId.value = id },
    flyTo: (lon, lat) => { fly(lon, lat) },
    onFly: (fn) => { fly = fn },
  }
  provide(key, screen)
  return screen
}
