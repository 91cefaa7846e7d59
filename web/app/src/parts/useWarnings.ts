import { onScopeDispose, readonly, shallowRef } from 'vue'
import { get } from '@/api/client'
import type { Warning } from '@/api/warnings'
import { useLine } from '@/live/useView'

/** How soon all pages ask after a notice: spread, so that they do not ask in one instant. */
const spread = 300
/** A page asks by itself so often, should a notice have been lost. */
const again = 60_000

/** The warnings in force where the reader sees anything, the gravest first; kept fresh while the component lives. */
export function useWarnings() {
  const list = shallowRef<readonly Warning[]>([])
  let turn = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  async function ask(): Promise<void> {
    const mine = ++turn
    clearTimeout(timer)
    let next = again
    try {
      const found = await get<{ items: Warning[] | null; time: string }>('/warnings/current')
      if (mine !== turn) return
      list.value = found.items ?? []
      // One that expires goes on time, by the server's clock.
      const ends = list.value.map((w) => Date.parse(w.expires) - Date.parse(found.time))
      next = Math.min(again, ...ends.map((ms) => Math.max(500, ms + 500)))
    } catch {
      // What was in force stays on the page until the server says otherwise.
      if (mine !== turn) return
    }
    timer = setTimeout(() => { void ask() }, next)
  }

  const leave = useLine().onNotice((kind) => {
    if (kind !== null && kind !== 'warning') return
    clearTimeout(timer)
    timer = setTimeout(() => { void ask() }, Math.random() * spread)
  })
  void ask()
  onScopeDispose(() => {
    turn++
    leave()
    clearTimeout(timer)
  })
  return { warnings: readonly(list), ask }
}
