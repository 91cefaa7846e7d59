/** Who is on duty and who answers for what, as `/api/v1` has them. */
import type { components } from './schema'

type Schemas = components['schemas']

export type Mandate = Schemas['Mandate']
export type Slot = Schemas['Slot']
export type Turn = Schemas['Turn']
export type RosterDay = Schemas['RosterDay']

export interface Roster {
  region: string
  shifts: Slot[] | null
  days: RosterDay[] | null
}

/** A class of incidents, as far as these pages need it. */
export interface CaseClass {
  code: string
  name: string
  nameEn?: string
  group: string
  groupEn?: string
}

/** A group of classes: the first three signs of their codes. */
export interface Group {
  code: string
  name: string
  nameEn: string
  classes: CaseClass[]
}

const groupDigits = 3

export function groupsOf(classes: readonly CaseClass[]): Group[] {
  const groups = new Map<string, Group>()
  for (const c of classes) {
    const code = c.code.slice(0, groupDigits)
    const g = groups.get(code) ?? { code, name: c.group, nameEn: c.groupEn ?? c.group, classes: [] }
    if (!g.classes.some((x) => x.code === c.code)) g.classes.push(c)
    groups.set(code, g)
  }
  return [...groups.values()].sort((a, b) => a.code.localeCompare(b.code))
}

/**
 * The rows of the list that hold in a region, each class once: its own row, or
 * the one of the nearest region above.
 */
export function holdingIn(region: string, rows: readonly Mandate[]): Mandate[] {
  const best = new Map<string, Mandate>()
  for (const m of rows) {
    if (!region.startsWith(m.region)) continue
    const old = best.get(m.class)
    if (!old || m.region.length > old.region.length) best.set(m.class, m)
  }
  return [...best.values()].sort((a, b) => a.class.localeCompare(b.class))
}

/** The Monday of the week of a day, both as 2026-11-24. */
export function mondayOf(day: string): string {
  const weekday = new Date(day + 'T00:00:00Z').getUTCDay()
  return plusDays(day, -((weekday + 6) % 7))
}

export function plusDays(day: string, n: number): string {
  return new Date(Date.parse(day + 'T00:00:00Z') + n * 86_400_000).toISOString().slice(0, 10)
}
