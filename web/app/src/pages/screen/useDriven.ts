import { ref, watch, type Ref } from 'vue'
import type { Camera, Picked } from '@/map/CityMap.vue'
import { useFollow } from '@/map/useFollow'
import type { Chosen } from '@/wall/protocol'
import { useLink, type WallLink } from '@/wall/useLink'
import type { Screen } from './useScreen'

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
export function useDriven(screen: Screen, moves: () => Moves | null): WallLink & { following: Ref<string | null> } {
  let heard: string | undefined
  const key = (p: Picked | Chosen | null) => (p === null ? '' : `${p.kind} ${p.id}`)
  const following = useFollow(screen.things, (lon, lat) => moves()?.panTo(lon, lat))
  // A camera that comes just after a choice is the desk's on its own way there.
  const flying = ref(0)

  const show = (chosen: Chosen | null) => {
    if (key(chosen) === key(screen.picked.value)) return
    heard = key(chosen)
    screen.picked.value = chosen === null ? null : { kind: chosen.kind, id: chosen.id }
    if (chosen?.lon === undefined || chosen.lat === undefined) return
    flying.value = Date.now() + 2000
    moves()?.flyTo(chosen.lon, chosen.lat)
  }
  const link = useLink('wall', (said) => {
    switch (said.op) {
      case 'choose': show(said.chosen); break
      case 'show':
        screen.district.value = said.region
        screen.chooseMeasure(said.measure)
        break
      case 'follow': following.value = said.unit; break
      case 'camera':
        if (following.value === null && Date.now() > flying.value) moves()?.lookFrom(said.camera, 350)
        break
      default:
    }
  })

  watch(screen.picked, (picked) => {
    if (key(picked) === heard) return
    heard = undefined
    const place = picked?.kind === 'incident' ? screen.things.peek('incidents').get(picked.id) : undefined
    link.say({ op: 'choose', chosen: picked === null ? null : { ...picked, ...(place ? { lon: place.lon, lat: place.lat } : {}) } })
  })
  return { ...link, following }
}
