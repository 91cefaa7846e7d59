import { onScopeDispose, readonly, shallowRef, watch, type Ref } from 'vue'

export interface Place {
  lon: number
  lat: number
  accuracy: number
  /** ms, by this device's clock */
  at: number
}

/** Where this device is, for as long as `wanted`; null while it is not known. */
export function usePlace(wanted: Ref<boolean>): Readonly<Ref<Place | null>> {
  const place = shallowRef<Place | null>(null)
  let watcher: number | undefined
  const stop = () => {
    if (watcher !== undefined) navigator.geolocation.clearWatch(watcher)
    watcher = undefined
  }
  watch(wanted, (on) => {
    stop()
    if (!on || !('geolocation' in navigator)) return
    watcher = navigator.geolocation.watchPosition((p) => {
      place.value = { lon: p.coords.longitude, lat: p.coords.latitude, accuracy: Math.round(p.coords.accuracy), at: p.timestamp }
    }, () => undefined, { enableHighAccuracy: true, maximumAge: 10_000, timeout: 30_000 })
  }, { immediate: true })
  onScopeDispose(stop)
  return readonly(place)
}
