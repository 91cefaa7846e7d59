/** The order of the triage queue, and what narrows it. Pure. */
import { isLate, isOver, type Case, type CaseState } from '@/api/cases'

/** In these states it is the desk's turn; in the others somebody else's. */
const desks: ReadonlySet<CaseState> = new Set(['reported', 'established', 'offered', 'delaying', 'handled'])

/** Whether the operator must do something: it is the desk's turn, or whoever has it is late. */
export function wantsDesk(c: Case, now: number): boolean {
  return !isOver(c) && (desks.has(c.state) || isLate(c, now))
}

/**
 * How little a case matters, as the server has it in order=urgency: the
 * severity before all, in it how often it was urged 督办 and whether it was escalated.
 */
export function rank(c: Pick<Case, 'severity' | 'urged' | 'level'>): number {
  return c.severity * 4 - Math.min(2, c.urged ?? 0) - Math.min(1, c.level)
}

/** The nearer of its two clocks, ms; Infinity without. */
export function nextDue(c: Pick<Case, 'due' | 'final'>): number {
  return Math.min(c.due ? Date.parse(c.due) : Infinity, c.final ? Date.parse(c.final) : Infinity)
}

/** What matters first: by rank, then whose clock ends, or has ended, first. */
export function byUrgency(a: Case, b: Case): number {
  const due = nextDue(a) - nextDue(b)
  return rank(a) - rank(b) || (Number.isNaN(due) ? 0 : due) || (a.id < b.id ? -1 : 1)
}

export type Tab = 'desk' | 'field' | 'all'

export interface Filter {
  tab: Tab
  /** A state, or '' for all. */
  state: CaseState | ''
  /** Beginning of the class's code. */
  group: string
  /** Beginning of the region's code. */
  region: string
  late: boolean
  /** Only those that this subject is at. */
  mine: string
  text: string
}

export const noFilter: Filter = { tab: 'desk', state: '', group: '', region: '', late: false, mine: '', text: '' }

/** The words that a case is found by, in small letters. */
export type WordsOf = (c: Case) => string

/** Every word must be in the case's; as many of them as there are. */
export function finds(text: string, words: string): boolean {
  return text.toLowerCase().split(/\s+/).every((w) => words.includes(w))
}

export function passes(c: Case, f: Filter, now: number, wordsOf: WordsOf): boolean {
  if (isOver(c)) return false
  if (f.state !== '') {
    if (c.state !== f.state) return false
  } else if (f.tab !== 'all' && wantsDesk(c, now) !== (f.tab === 'desk')) return false
  return (
    c.class.startsWith(f.group) && c.region.startsWith(f.region) && (!f.late || isLate(c, now)) &&
    (f.mine === '' || c.handler === f.mine) && (f.text.trim() === '' || finds(f.text.trim(), wordsOf(c)))
  )
}

export interface Counts {
  desk: number
  field: number
  all: number
  late: number
  grave: number
  urged: number
}

export function count(all: Iterable<Case>, now: number): Counts {
  const n: Counts = { desk: 0, field: 0, all: 0, late: 0, grave: 0, urged: 0 }
  for (const c of all) {
    if (isOver(c)) continue
    n.all++
    if (wantsDesk(c, now)) n.desk++
    else n.field++
    if (isLate(c, now)) n.late++
    if (c.severity === 1) n.grave++
    if ((c.urged ?? 0) > 0) n.urged++
  }
  return n
}
