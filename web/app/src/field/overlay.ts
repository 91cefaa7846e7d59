/** Tasks as they will be when the outbox has been sent: one's own work shows at once. */
import { metresBetween } from './place'
import type { Case, CaseState, Entry, Place } from './types'

const becomes: Record<string, CaseState> = {
  accept: 'accepted', decline: 'established', arrive: 'handling', finish: 'handled', return: 'established',
  'ask-delay': 'delaying', close: 'closed', rework: 'assigned',
}

export interface Task extends Case {
  /** Something of it has not been sent yet. */
  pending: boolean
  /** Of the outbox: somebody else was faster. */
  lostTo?: string
}

/** The state that an event leads to. */
export function after(event: string): CaseState | undefined {
  return becomes[event]
}

/** Puts what was done on the phone over what the server said. */
export function withOutbox(cases: readonly Case[], entries: readonly Entry[]): Task[] {
  return cases.map((c) => {
    const mine = entries.filter((e) => e.lane === 'case:' + c.id)
    const waiting = mine.filter((e) => e.state === 'waiting' || e.state === 'refused')
    const task: Task = { ...c, pending: waiting.length > 0 }
    for (const e of waiting) {
      if (e.act.kind === 'command' && e.state === 'waiting') task.state = becomes[e.act.event] ?? task.state
    }
    const lost = mine.filter((e) => e.state === 'conflict').at(-1)
    if (lost && (lost.said?.version ?? 0) >= c.version) task.lostTo = lost.said?.by ?? ''
    return task
  })
}

/** The nearest first; what is not placed, last. */
export function nearest<T extends Case>(tasks: readonly T[], here: Place | null): T[] {
  const far = (c: T) => (here ? metresBetween(here, c) : (c.metres ?? 0))
  return tasks.map((c) => (here ? { ...c, metres: far(c) } : c)).sort((a, b) => far(a) - far(b) || (a.due ?? '~').localeCompare(b.due ?? '~'))
}
