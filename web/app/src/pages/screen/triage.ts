import { isOpen } from '@/live/open'
import type { Incident } from '@/live/protocol'

/** Being late weighs most, then severity, then how soon it is due, then age. */
export function worstFirst(a: Incident, b: Incident): number {
  return (
    Number(b.late ?? false) - Number(a.late ?? false) ||
    a.severity - b.severity ||
    (a.due ?? '9').localeCompare(b.due ?? '9') ||
    a.reported.localeCompare(b.reported) ||
    a.id.localeCompare(b.id)
  )
}

/** Sent means that somebody is on it, or has been. */
export function isSent(incident: Incident): boolean {
  return Boolean(incident.unit) || incident.status === 'dispatched' || incident.status === 'handling' || incident.status === 'handled'
}

export type Filter = 'all' | 'late' | 'unsent'

export function triage(incidents: Iterable<Incident>, filter: Filter): Incident[] {
  const keep = (i: Incident) => isOpen(i) && (filter === 'all' || (filter === 'late' ? i.late === true : !isSent(i)))
  return [...incidents].filter(keep).sort(worstFirst)
}

/** Minutes until due, negative when past; null without a limit. */
export function minutesLeft(incident: Incident, now: number): number | null {
  if (!incident.due) return null
  return (Date.parse(incident.due) - now) / 60_000
}
