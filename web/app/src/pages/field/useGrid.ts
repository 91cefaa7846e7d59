import type { MultiPolygon, Polygon } from 'geojson'
import { computed, shallowRef, watch, type ComputedRef, type ShallowRef } from 'vue'
import type { Box } from '@/field/ahead'
import type { Field } from '@/field/useField'

export interface GridRegion {
  code: string
  name: string
  nameEn?: string
  geometry?: MultiPolygon | Polygon
}

/** The regions that somebody works in, kept for when there is no line. */
export function useGrid(field: Field): { regions: Readonly<ShallowRef<readonly GridRegion[]>>; box: ComputedRef<Box | undefined>; shapes: ComputedRef<(MultiPolygon | Polygon)[]> } {
  const regions = shallowRef<readonly GridRegion[]>([])

  async function load(codes: readonly string[]): Promise<void> {
    const owner = field.who.value?.subject
    if (owner === undefined) return
    const kept = await field.store.kept<GridRegion[]>(owner, 'grids')
    if (kept) regions.value = kept.value
    try {
      const found = await Promise.all(codes.filter((c) => c !== '').map((c) => field.wire.ask<GridRegion>('GET', '/regions/' + encodeURIComponent(c))))
      regions.value = found
      await field.store.keep(owner, 'grids', found)
    } catch {
      // What is kept stays.
    }
  }
  watch(() => (field.duty.value?.grids ?? []).join(','), (codes) => { void load(codes.split(',')) }, { immediate: true })

  const shapes = computed(() => regions.value.flatMap((r) => (r.geometry ? [r.geometry] : [])))
  const box = computed(() => {
    const points = shapes.value.flatMap((g) => (g.type === 'Polygon' ? [g.coordinates] : g.coordinates).flatMap((p) => p[0] ?? []))
    if (points.length === 0) return undefined
    const lons = points.map((p) => p[0] ?? 0)
    const lats = points.map((p) => p[1] ?? 0)
    return { west: lons.reduce((a, b) => Math.min(a, b)), east: lons.reduce((a, b) => Math.max(a, b)), south: lats.reduce((a, b) => Math.min(a, b)), north: lats.reduce((a, b) => Math.max(a, b)) }
  })
  return { regions, box, shapes }
}
