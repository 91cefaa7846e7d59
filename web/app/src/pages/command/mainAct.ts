import type { Case } from '@/api/cases'
import type { Offer } from '@/api/flow'

/** What Enter does with a case, by its state: the one thing that leads it on. Pure. */
export type MainAct = { do: 'dispatch'; how: 'sendTo' | 'send' | 'sendInstead' } | { do: 'form'; event: 'close' } | { do: 'fire'; event: 'grant-delay' | 'resume' | 'establish' } | null

export function mainActOf(c: Case, may: (event: string) => boolean, candidates: number): MainAct {
  if (c.state === 'handled') return may('close') ? { do: 'form', event: 'close' } : null
  if (c.state === 'delaying') return may('grant-delay') ? { do: 'fire', event: 'grant-delay' } : null
  if (c.state === 'suspended') return may('resume') ? { do: 'fire', event: 'resume' } : null
  // Whoever is on the way or at work is not taken off it by one key pressed twice: A sends another.
  if (c.state === 'accepted' || c.state === 'handling') return null
  if (may('assign') && candidates > 0) {
    return { do: 'dispatch', how: c.state === 'reported' ? 'sendTo' : c.unit ? 'sendInstead' : 'send' }
  }
  return c.state === 'reported' && may('establish') ? { do: 'fire', event: 'establish' } : null
}

/** The acts that stand as buttons, in this order; what cannot be done now is left out. */
const order = ['establish', 'assign', 'offer', 'grant-delay', 'refuse-delay', 'close', 'rework', 'resume', 'suspend', 'hand-over', 'take-back', 'merge', 'reject']

/** Events that are other people's, at the place: a desk does not accept or arrive. */
const others = new Set(['accept', 'decline', 'arrive', 'finish', 'return', 'ask-delay', 'split', 'source-ended', 'come-back'])

export function buttonsOf(offers: readonly Offer[]): Offer[] {
  const place = (o: Offer) => (order.includes(o.event) ? order.indexOf(o.event) : order.length)
  // Who handled it may not verify it: that is said, not hidden.
  return offers.filter((o) => !others.has(o.event) && (o.may || (o.whyNot ?? []).length > 0)).toSorted((a, b) => place(a) - place(b))
}
