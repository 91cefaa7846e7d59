import type { CatalogueEntry } from '@/api/types'

/**
 * Which widget stands where. A slot shows its widgets side by side on a wall
 * and behind tabs where there is less room; a widget that no slot names is
 * added at the end, so that a new one of the server's needs no change here.
 */
export interface Slot {
  widgets: string[]
  /** Takes the whole width of the wing on a wall. */
  wide?: boolean
}

export const slots: Slot[] = [
  { widgets: ['open-by-class', 'open-by-district'] },
  { widgets: ['environment'], wide: true },
  { widgets: ['handling-time', 'incident-trend'] },
  { widgets: ['top-cells', 'device-health', 'observations'] },
]

/** The charts of the catalogue laid into the slots; what is not there leaves none. */
export function layOut(catalogue: Pick<CatalogueEntry, 'name' | 'kind'>[]): { names: string[]; wide: boolean }[] {
  const charts = new Set(catalogue.filter((w) => w.kind === 'chart').map((w) => w.name))
  const laid = slots.map((slot) => ({
    names: slot.widgets.filter((name) => charts.delete(name)),
    wide: slot.wide ?? false,
  }))
  const rest = [...charts]
  const last = laid.at(-1)
  if (last) last.names.push(...rest)
  return laid.filter((s) => s.names.length > 0)
}
