import { computed, inject, onScopeDispose, shallowRef, toValue, watch, type ComputedRef, type InjectionKey, type MaybeRefOrGetter } from 'vue'
import { keyOf, type Listener } from './channel'
import type { Line } from './line'
import { Picture, type Delta } from './picture'
import type { LayerName, Things, View, Widget } from './protocol'

/** main.ts gives the page its line under this key. */
export const lineKey: InjectionKey<Line> = Symbol('line')

export function useLine(): Line {
  const line = inject(lineKey)
  if (!line) throw new Error('no line was provided to this page')
  return line
}

export interface LiveView {
  /** Tracked: an effect that calls them runs again when that layer changes. */
  layer<L extends LayerName>(layer: L): ReadonlyMap<string, Things[L]>
  widgets(): ReadonlyMap<string, Widget>
  /** Not tracked: for drawing loops. */
  peek<L extends LayerName>(layer: L): ReadonlyMap<string, Things[L]>
  /** Calls back with what changed, frame by frame; starts with all there is. */
  onDelta(listener: Listener): void
  /** The city's time in the newest frame, '' before the first. */
  readonly time: ComputedRef<string>
  readonly ready: ComputedRef<boolean>
}

/**
 * Live data of a view, for as long as the calling component lives. When the
 * view changes, the old picture stays until the new one's first frame is
 * there, so nothing blinks. A null view is no view.
 */
export function useView(view: MaybeRefOrGetter<View | null>): LiveView {
  const line = useLine()
  const none = new Picture()
  const shown = shallowRef<Picture>(none)
  const listeners = new Set<Listener>()
  let leaveShown: (() => void) | null = null
  let leaveNext: (() => void) | null = null

  const tell: Listener = (delta) => {
    for (const listener of listeners) listener(delta)
  }

  const change = (next: View | null) => {
    leaveNext?.()
    leaveNext = null
    if (next === null) {
      leaveShown?.()
      leaveShown = null
      shown.value = none
      tell(none.whole())
      return
    }
    let joined: ReturnType<Line['look']> | null = null
    const early: Delta[] = []
    const arrive: Listener = (delta) => {
      if (joined === null) {
        early.push(delta) // said during look(), before its answer is known
        return
      }
      if (leaveNext === joined.leave) {
        leaveShown?.()
        leaveShown = joined.leave
        leaveNext = null
        shown.value = joined.channel.picture
      }
      tell(delta)
    }
    joined = line.look(next, arrive)
    leaveNext = joined.leave
    early.forEach(arrive)
  }

  watch(
    () => {
      const v = toValue(view)
      return v === null ? '' : keyOf(v)
    },
    () => {
      change(toValue(view))
    },
    { immediate: true },
  )

  onScopeDispose(() => {
    leaveNext?.()
    leaveShown?.()
    listeners.clear()
  })

  return {
    layer: (layer) => shown.value.layer(layer),
    widgets: () => shown.value.widgets(),
    peek: (layer) => shown.value.peek(layer),
    onDelta(listener) {
      listeners.add(listener)
      if (shown.value !== none) listener(shown.value.whole())
    },
    time: computed(() => shown.value.time.value),
    ready: computed(() => shown.value !== none),
  }
}
