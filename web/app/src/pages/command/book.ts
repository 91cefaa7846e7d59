/** All open cases that the operator may see, kept as new as the live line. Pure. */
import { isOver, type Case, type CaseState } from '@/api/cases'
import type { Incident, Status } from '@/live/protocol'

/** A frame's incident with what the loop adds to it; older servers say less. */
export type LiveIncident = Incident & { step?: string; version?: number; urged?: number; merged?: number; offered?: string[] | null }

const stateOf: Record<Status, CaseState> = {
  reported: 'reported', accepted: 'established', dispatched: 'assigned', handling: 'handling', handled: 'handled', closed: 'closed', rejected: 'rejected',
}

/** The state that a frame speaks of. */
export function stepOf(i: LiveIncident): CaseState {
  return (i.step as CaseState | undefined) ?? stateOf[i.status]
}

/** What a frame says of a case that was not read yet: enough for a row. */
export function provisional(i: LiveIncident): Case {
  return {
    id: i.id, no: '', class: i.class, ...(i.title ? { title: i.title } : {}), severity: i.severity, lon: i.lon, lat: i.lat,
    reported: i.reported, channel: '', region: i.region ?? '', state: stepOf(i), version: 0, updated: i.reported, since: i.reported,
    ...(i.due ? { due: i.due } : {}), ...(i.unit ? { unit: i.unit } : {}), level: 0, proofs: 0, ...(i.simulated ? { simulated: true } : {}),
  }
}

/**
 * The record of the open cases. `take` is given what was read, `hear` what a
 * frame says: the newer one holds, whichever comes first.
 */
export class Book {
  private readonly all = new Map<string, Case>()

  get size(): number {
    return this.all.size
  }

  get(id: string): Case | undefined {
    return this.all.get(id)
  }

  values(): IterableIterator<Case> {
    return this.all.values()
  }

  /** Puts what was read in; true when it says something new. */
  take(c: Case): boolean {
    const known = this.all.get(c.id)
    if (known && known.version > c.version) return false
    if (isOver(c)) return this.all.delete(c.id)
    this.all.set(c.id, c)
    return known?.version !== c.version
  }

  /**
   * Puts in what a frame says, ahead of what is read; true when the record must
   * be read again. What the frame says is shown at once: state, unit, clock.
   */
  hear(i: LiveIncident): boolean {
    const known = this.all.get(i.id)
    // Said before what is known already: a command's answer is faster than its frame.
    if (known && i.version !== undefined && i.version < known.version) return false
    const state = stepOf(i)
    if (isOver({ state })) return this.all.delete(i.id)
    if (!known) {
      this.all.set(i.id, provisional(i))
      return true
    }
    const same = known.state === state && (known.unit ?? '') === (i.unit ?? '') && (i.urged ?? known.urged ?? 0) === (known.urged ?? 0) &&
      known.severity === i.severity && (i.merged ?? known.merged ?? 0) === (known.merged ?? 0) && (!i.due || sameTime(known.due, i.due)) && known.version > 0
    if (same) return false
    const { unit: _unit, due: _due, ...rest } = known
    const due = i.due ?? (known.state === state ? known.due : undefined)
    // With the version it had: what is read of it later has a higher one.
    this.all.set(i.id, { ...rest, state, severity: i.severity, ...(i.unit ? { unit: i.unit } : {}), ...(due ? { due } : {}), ...(i.urged !== undefined ? { urged: i.urged } : {}) })
    return true
  }

  /** Forgets one: it is over, or is no longer for the operator to see. */
  drop(id: string): void {
    this.all.delete(id)
  }

  /** After the line was broken: only what was read anew stays. */
  keepOnly(ids: ReadonlySet<string>): void {
    for (const id of this.all.keys()) if (!ids.has(id)) this.all.delete(id)
  }
}

function sameTime(a: string | undefined, b: string): boolean {
  return a !== undefined && Math.abs(Date.parse(a) - Date.parse(b)) < 1000
}
