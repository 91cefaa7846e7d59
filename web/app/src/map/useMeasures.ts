import { computed, type ComputedRef, type Ref } from 'vue'
import { useCity } from '@/api/city'
import type { LiveView } from '@/live/useView'
import { indexMeasure, measureOf, valueOf, type Measure } from './measure'

/** What the cells in view can be coloured by, and what is chosen of it. */
export function useMeasures(cells: LiveView, chosen: Ref<string>): { measures: ComputedRef<Measure[]>; measure: ComputedRef<Measure> } {
  const city = useCity()
  // Only what some cell has is worth choosing. As one string: it stays equal
  // from frame to frame, and what hangs on it is not made again.
  const observed = computed(() => {
    const ids = new Set<string>()
    for (const cell of cells.layer('cells').values()) for (const id in cell.properties) ids.add(id)
    return [...ids].sort().join()
  })
  const valuesOf = (id: string) => [...cells.peek('cells').values()].map((c) => valueOf(c, id)).filter((v) => v !== null)
  const measures = computed(() => {
    const ids = new Set(observed.value.split(','))
    return [indexMeasure, ...city.facts.properties.filter((p) => ids.has(p.id)).map((p) => measureOf(p, valuesOf(p.id)))]
  })
  return { measures, measure: computed(() => measures.value.find((m) => m.id === chosen.value) ?? indexMeasure) }
}
