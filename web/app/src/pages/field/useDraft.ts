import { computed, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { keep, kept } from '@/design/kept'
import type { Field } from '@/field/useField'
import { newID } from '@/field/outbox'
import type { CaseClass, Photo, Place } from '@/field/types'
import { named } from '@/i18n'

/** A report that is being made. It outlives the page: phones kill pages for the camera. */
export interface Draft {
  photos: ShallowRef<Photo[]>
  kind: Ref<string>
  words: Ref<string>
  /** Where the person moved the map to; null is where the phone is. */
  chosen: ShallowRef<Place | null>
  place: ComputedRef<Place | null>
  add(photo: Photo): void
  drop(id: string): void
  clear(): void
  /** Writes it into the outbox. */
  send(label: string): Promise<void>
}

interface Kept { id: string; photos: Photo[]; kind: string; words: string; chosen: Place | null }

export async function useDraft(field: Field): Promise<Draft> {
  const owner = () => field.who.value?.subject ?? ''
  const before = (await field.store.kept<Kept | null>(owner(), 'draft'))?.value
  const id = ref(before?.id ?? newID())
  const photos = shallowRef<Photo[]>(before?.photos ?? [])
  const kind = ref(before?.kind ?? '')
  const words = ref(before?.words ?? '')
  const chosen = shallowRef<Place | null>(before?.chosen ?? null)
  const save = () => field.store.keep(owner(), 'draft', { id: id.value, photos: photos.value, kind: kind.value, words: words.value, chosen: chosen.value } satisfies Kept)
  const empty = () => {
    id.value = newID()
    photos.value = []
    kind.value = words.value = ''
    chosen.value = null
  }
  const draft: Draft = {
    photos, kind, words, chosen,
    place: computed(() => chosen.value ?? field.tracker.here.value),
    add(photo) {
      photos.value = [...photos.value, photo].slice(-9)
      void save()
    },
    drop(gone) {
      photos.value = photos.value.filter((p) => p.id !== gone)
      void save()
    },
    clear() {
      empty()
      void save()
    },
    async send(label) {
      const at = draft.place.value
      if (!at) return
      const sent = photos.value
      const more = words.value.trim()
      await field.do({ kind: 'report', class: kind.value, at, reported: new Date().toISOString(), photos: sent.map((p) => p.id), ...(more ? { description: more } : {}) }, label, sent)
      used(kind.value)
      empty()
      await save()
    },
  }
  return draft
}

const place = 'field.used'

function counts(): Record<string, number> {
  try {
    return JSON.parse(kept(place) ?? '{}') as Record<string, number>
  } catch {
    return {}
  }
}

function used(code: string): void {
  const all = counts()
  all[code] = (all[code] ?? 0) + 1
  keep(place, JSON.stringify(all))
}

/** Classes, those that this phone uses most first; with words, those that they name before all. */
export function sorted(classes: readonly CaseClass[], words = ''): CaseClass[] {
  const often = counts()
  const hits = (c: CaseClass) => {
    const name = named(c).toLowerCase()
    return words.trim() === '' ? 0 : [...new Set(words.trim().toLowerCase())].filter((x) => x !== ' ' && name.includes(x)).length
  }
  return classes
    .map((c, i) => ({ c, i, hits: hits(c), n: often[c.code] ?? 0 }))
    .sort((a, b) => b.hits - a.hits || b.n - a.n || a.i - b.i)
    .map((x) => x.c)
}
