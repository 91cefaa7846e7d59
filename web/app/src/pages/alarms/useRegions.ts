import { shallowRef } from 'vue'
import { get } from '@/api/client'
import type { Region } from '@/api/types'
import { named } from '@/i18n'

/** Names of regions, asked for once each; a code until its name is there. */
export function useRegions(): { learn: (codes: readonly string[]) => void; name: (code: string) => string } {
  const known = shallowRef(new Map<string, Region>())
  const asked = new Set<string>()
  async function ask(code: string): Promise<void> {
    const found = await get<Region>(`/regions/${encodeURIComponent(code)}`).catch(() => undefined)
    if (found) known.value = new Map(known.value).set(code, found)
    else asked.delete(code)
  }
  return {
    learn: (codes) => {
      for (const code of codes) {
        if (code === '' || asked.has(code)) continue
        asked.add(code)
        void ask(code)
      }
    },
    name: (code) => {
      const region = known.value.get(code)
      return region ? named(region) : code
    },
  }
}
