import type { Incident } from './protocol'

/** Whether something remains to be done. Those that are done stay in a view for a day. */
export function isOpen(incident: Pick<Incident, 'status'>): boolean {
  return incident.status !== 'closed' && incident.status !== 'rejected'
}
