import { watch, type ComputedRef, type Ref } from 'vue'
import type { Case } from '@/api/cases'
import type { Camera } from '@/map/CityMap.vue'
import type { Chosen, Said } from '@/wall/protocol'
import { useLink, type WallLink } from '@/wall/useLink'

export interface Shown {
  /** The case or unit that is chosen at the desk. */
  chosen: ComputedRef<Chosen | null>
  region: ComputedRef<string | null>
  measure: Ref<string>
  follow: Ref<string | null>
  /** What was picked on the wall. */
  pick: (chosen: Chosen | null) => void
}

/** The camera is said as often as this, ms. */
const pace = 250

/** The desk's end of the talk with the wall: what is chosen here is shown there. */
export function useWall(shown: Shown): WallLink & { look: (camera: Camera) => void } {
  let camera: Camera | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  // What the wall picked is not said back to it.
  let heard: string | undefined
  const key = (c: Chosen | null) => (c === null ? '' : `${c.kind} ${c.id}`)
  const all = (): Said[] => [
    { op: 'show', region: shown.region.value, measure: shown.measure.value },
    { op: 'choose', chosen: shown.chosen.value },
    { op: 'follow', unit: shown.follow.value },
    ...(camera ? [{ op: 'camera', camera } as const] : []),
  ]
  const link = useLink('desk', (said) => {
    if (said.op !== 'choose') return
    heard = key(said.chosen)
    shown.pick(said.chosen)
  }, all)

  watch(() => key(shown.chosen.value), (now) => {
    if (now !== heard) link.say({ op: 'choose', chosen: shown.chosen.value })
    heard = undefined
  })
  watch([shown.region, shown.measure], () => { link.say({ op: 'show', region: shown.region.value, measure: shown.measure.value }) })
  watch(shown.follow, (unit) => { link.say({ op: 'follow', unit }) })

  return {
    ...link,
    look(next) {
      camera = next
      timer ??= setTimeout(() => {
        timer = undefined
        if (camera && link.others.value > 0) link.say({ op: 'camera', camera })
      }, pace)
    },
  }
}

/** A case as the wall is told of it. */
export function chosenOf(c: Pick<Case, 'id' | 'lon' | 'lat'>): Chosen {
  return { kind: 'incident', id: c.id, lon: c.lon, lat: c.lat }
}
