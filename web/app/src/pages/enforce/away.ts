import type { CaseFull, CaseState } from '@/api/cases'

/** Where a step leads that is done while there is no line; the server has the last word. */
const leads: Record<string, CaseState> = {
  accept: 'accepted', decline: 'established', arrive: 'handling', finish: 'handled', return: 'established', 'ask-delay': 'delaying',
}
const next: Partial<Record<CaseState, string[]>> = { accepted: ['arrive', 'return', 'ask-delay'], handling: ['finish', 'return', 'ask-delay'] }

/** The case as it will be when a step that waits to be sent has been taken. */
export function ahead(full: CaseFull, event: string, me: string): CaseFull {
  const state = leads[event] ?? full.case.state
  const offers = (next[state] ?? []).map((e) => ({ event: e, title: { zh: e, en: e }, to: '', toTitle: { zh: '', en: '' }, required: null, optional: null, may: true, whyNot: null }))
  return { ...full, offers, case: { ...full.case, state, ...(event === 'accept' ? { handler: me } : {}) } }
}
