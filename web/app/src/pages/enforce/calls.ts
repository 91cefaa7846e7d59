import type { Incident } from '@/live/protocol'

/** An incident as frames carry it, with the loop's own step. */
export type LiveCase = Incident & { step?: string; offered?: string[]; urged?: number }

/** What has been sent to this terminal and waits for an answer. */
export interface Call {
  id: string
  /** "mine": sent to my unit; "open": whoever is first. */
  kind: 'mine' | 'open'
  /** Tells one sending from the next of the same case. */
  key: string
}

/** Whether an incident is a call for one of the units. */
export function callFor(incident: LiveCase, units: readonly string[], me: string): Call | undefined {
  if (incident.step === 'assigned' && incident.unit !== undefined && units.includes(incident.unit)) {
    return { id: incident.id, kind: 'mine', key: `${incident.id} ${incident.unit} ${incident.due ?? ''}` }
  }
  const offered = incident.offered ?? []
  if (incident.step === 'offered' && offered.some((u) => units.includes(u) || u === me)) {
    return { id: incident.id, kind: 'open', key: `${incident.id} open ${incident.due ?? ''}` }
  }
  return undefined
}

/** The calls among incidents: the gravest first, then those that run out first. */
export function callsAmong(incidents: Iterable<LiveCase>, units: readonly string[], me = ''): Call[] {
  const found: { call: Call; incident: LiveCase }[] = []
  for (const incident of incidents) {
    const call = callFor(incident, units, me)
    if (call) found.push({ call, incident })
  }
  found.sort((a, b) => a.incident.severity - b.incident.severity
    || (a.incident.due ?? '9').localeCompare(b.incident.due ?? '9') || a.call.id.localeCompare(b.call.id))
  return found.map((f) => f.call)
}

/**
 * Which call is to ring: the first that was not silenced. What was answered or
 * taken back stops ringing by itself, since it is no call any more.
 */
export function ringing(calls: readonly Call[], silenced: ReadonlySet<string>): Call | undefined {
  return calls.find((c) => !silenced.has(c.key))
}
