import { onScopeDispose, ref, watch, type Ref } from 'vue'
import type { LiveView } from '@/live/useView'

/**
 * Keeps the camera on a unit: `pan` is called with its newest place, at once and
 * whenever it has moved. The unit is given up when it is no longer in view.
 */
export function useFollow(things: LiveView, pan: (lon: number, lat: number) => void): Ref<string | null> {
  const unit = ref<string | null>(null)
  let over = false
  const look = () => {
    const found = unit.value === null ? undefined : things.peek('units').get(unit.value)
    if (found) pan(found.lon, found.lat)
    else unit.value = null
  }
  watch(unit, (id) => { if (id !== null) look() })
  things.onDelta((delta) => {
    if (over || unit.value === null) return
    if (delta.reset || delta.changed.units.includes(unit.value) || delta.gone.units.includes(unit.value)) look()
  })
  onScopeDispose(() => { over = true })
  return unit
}
