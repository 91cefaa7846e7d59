import { expect, test } from 'vitest'
import type { Case, CaseState } from '@/api/cases'
import type { Offer } from '@/api/flow'
import { buttonsOf, mainActOf } from './mainAct'

const it = (state: CaseState, part: Partial<Case> = {}) => ({ state, ...part }) as Case
const all = () => true
const offer = (event: string, may = true, why = ''): Offer => ({
  event, title: { zh: event, en: event }, to: '', toTitle: { zh: '', en: '' }, required: null, optional: null, may, whyNot: why ? [{ zh: why, en: why }] : null,
})

test('Enter sends where somebody can be sent, and says what that means', () => {
  expect(mainActOf(it('reported'), all, 3)).toEqual({ do: 'dispatch', how: 'sendTo' })
  expect(mainActOf(it('established'), all, 3)).toEqual({ do: 'dispatch', how: 'send' })
  expect(mainActOf(it('assigned', { unit: 'u' }), all, 3)).toEqual({ do: 'dispatch', how: 'sendInstead' })
})

test('with nobody to send a report can still be established', () => {
  expect(mainActOf(it('reported'), all, 0)).toEqual({ do: 'fire', event: 'establish' })
  expect(mainActOf(it('established'), all, 0)).toBe(null)
})

test('Enter takes nobody off a case that they have accepted', () => {
  for (const state of ['accepted', 'handling'] as const) expect(mainActOf(it(state, { unit: 'u' }), all, 3)).toBe(null)
})

test('what waits for a decision gets it', () => {
  expect(mainActOf(it('handled'), all, 3)).toEqual({ do: 'form', event: 'close' })
  expect(mainActOf(it('delaying'), all, 3)).toEqual({ do: 'fire', event: 'grant-delay' })
  expect(mainActOf(it('suspended'), all, 3)).toEqual({ do: 'fire', event: 'resume' })
})

test('nothing is offered to who may not do it', () => {
  for (const state of ['reported', 'established', 'handled', 'delaying', 'suspended'] as const) expect(mainActOf(it(state), () => false, 3)).toBe(null)
})

test('buttons are the desk\'s own acts, in one order; why not is said', () => {
  const shown = buttonsOf([offer('reject'), offer('accept'), offer('close', false, '经办人不能核查'), offer('establish'), offer('suspend', false)])
  expect(shown.map((o) => o.event)).toEqual(['establish', 'close', 'reject'])
})
