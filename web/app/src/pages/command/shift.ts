/** What the next shift must not lose sight of, out of the open cases. Pure. */
import { isLate, type Case } from '@/api/cases'
import type { Concern, HandoverItem } from '@/api/handovers'
import { byUrgency } from './queue'

/** The gravest reason why a case is handed over in words, or null: it takes its course. */
export function concernOf(c: Case, now: number): Concern | null {
  if (isLate(c, now)) return 'late'
  if (c.severity <= 2) return 'grave'
  if ((c.urged ?? 0) > 0) return 'urged'
  if (c.state === 'delaying' || c.state === 'suspended') return 'promised'
  return null
}

const reasons: readonly Concern[] = ['late', 'grave', 'urged', 'promised', 'picked']

export interface Summary {
  open: number
  late: number
  grave: number
  urged: number
  promised: number
  items: HandoverItem[]
  /** As many more there would be. */
  more: number
}

export function summaryOf(cases: Iterable<Case>, now: number, nameOf: (c: Case) => string, most = 60): Summary {
  const all = [...cases].sort(byUrgency)
  const concerns = all.map((c) => [c, concernOf(c, now)] as const).filter((x): x is readonly [Case, Concern] => x[1] !== null)
    .sort(([, a], [, b]) => reasons.indexOf(a) - reasons.indexOf(b))
  const n = (test: (c: Case) => boolean) => all.filter(test).length
  return {
    open: all.length,
    late: n((c) => isLate(c, now)),
    grave: n((c) => c.severity <= 2),
    urged: n((c) => (c.urged ?? 0) > 0),
    promised: n((c) => c.state === 'delaying' || c.state === 'suspended'),
    items: concerns.slice(0, most).map(([c, why]) => ({
      case: c.id, no: c.no, title: nameOf(c).slice(0, 200), state: c.state, severity: c.severity, why, ...(c.due ? { due: c.due } : {}),
    })),
    more: Math.max(0, concerns.length - most),
  }
}
