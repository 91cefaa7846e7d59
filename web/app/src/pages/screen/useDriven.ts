import { onScopeDispose, watch, type Ref } from 'vue'
import type { Camera, Picked } from '@/map/CityMap.vue'
import { useFollow } from '@/map/useFollow'
import type { Chosen } from '@/wall/protocol'
import { useLink, type WallLink } from '@/wall/useLink'
import type { Screen } from './useScreen'

/** ms that a flight to a chosen case takes. */
const flight = 2000

/** What the wall does for a desk. */
interface Moves {
  flyTo: (lon: number, lat: number) => void
  lookFrom: (camera: Camera, duration: number) => void
  panTo: (lon: number, lat: number) => void
}

/**
 * The wall's end of the talk with the desk: it shows what is chosen there, looks
 * from where the desk looks, and tells it what was picked here.
 */
export function useDriven(screen: Screen, moves: () => Moves | null): WallLink & { following: Ref<string | null>; arrive: () => void } {
  let heard: string | undefined
  const key = (p: Picked | Chosen | null) => (p === null ? '' : `${p.kind} ${p.id}`)
  const following = useFollow(screen.things, (lon, lat) => moves()?.panTo(lon, lat))
  // A camera that comes during a flight is gone to when it is over.
  let flying = 0
  let camera: Camera | undefined
  let place: [lon: number, lat: number] | undefined
  let after: ReturnType<typeof setTimeout> | undefined
  const look = (duration: number) => {
    if (camera && following.value === null) moves()?.lookFrom(camera, duration)
  }
  onScopeDispose(() => { clearTimeout(after) })

  const show = (chosen: Chosen | null) => {
    if (key(chosen) === key(screen.picked.value)) return
    heard = key(chosen)
    screen.picked.value = chosen === null ? null : { kind: chosen.kind, id: chosen.id }
    if (chosen?.lon === undefined || chosen.lat === undefined) return
    camera = undefined
    place = [chosen.lon, chosen.lat]
    flying = Date.now() + flight
    moves()?.flyTo(...place)
  }
  const link = useLink('wall', (said) => {
    switch (said.op) {
      case 'choose': show(said.chosen); break
      case 'show':
        screen.district.value = said.region
        screen.chooseMeasure(said.measure)
        break
      case 'follow': following.value = said.unit; break
      case 'camera': {
        camera = said.camera
        clearTimeout(after)
        const left = flying - Date.now()
        if (left <= 0) look(350)
        else after = setTimeout(() => { look(900) }, left)
        break
      }
      default:
    }
  })

  watch(screen.picked, (picked) => {
    if (key(picked) === heard) return
    heard = undefined
    const place = picked?.kind === 'incident' ? screen.things.peek('incidents').get(picked.id) : undefined
    link.say({ op: 'choose', chosen: picked === null ? null : { ...picked, ...(place ? { lon: place.lon, lat: place.lat } : {}) } })
  })
  return {
    ...link, following,
    /** The map is there: what the desk said before it was is caught up with. */
    arrive() {
      if (link.others.value === 0) return
      if (camera) look(900)
      else if (place) moves()?.flyTo(...place)
    },
  }
}
