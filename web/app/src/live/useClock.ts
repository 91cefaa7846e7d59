import { computed, onScopeDispose, ref, watch, type ComputedRef } from 'vue'

/**
 * The city's time in ms, moving on between frames: replayed cities live in
 * another day than the wall clock. NaN before the first frame.
 */
export function useClock(time: ComputedRef<string>): ComputedRef<number> {
  const wall = ref(Date.now())
  const offset = ref(NaN)
  watch(time, (text) => {
    const at = Date.parse(text)
    if (!Number.isNaN(at)) offset.value = at - Date.now()
  }, { immediate: true })
  const timer = setInterval(() => { wall.value = Date.now() }, 1000)
  onScopeDispose(() => { clearInterval(timer) })
  return computed(() => Math.max(wall.value + offset.value, Date.parse(time.value) || NaN))
}
