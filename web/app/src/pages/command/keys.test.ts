import { expect, test } from 'vitest'
import { messages } from '@/i18n/messages'
import { actOf, eventKeys, keyOfEvent, sheet, type Pressed } from './keys'

const press = (key: string, part: Partial<Pressed> = {}): Pressed => ({ key, ctrlKey: false, metaKey: false, altKey: false, repeat: false, ...part })
const free = { typing: false, pressing: false }

test('j and k and the arrows move, the digits pick, Enter does the main thing', () => {
  expect(actOf(press('j'), free)).toEqual({ do: 'step', by: 1 })
  expect(actOf(press('ArrowUp'), free)).toEqual({ do: 'step', by: -1 })
  expect(actOf(press('3'), free)).toEqual({ do: 'pick', nth: 2 })
  expect(actOf(press('0'), free)).toBe(null)
  expect(actOf(press('Enter'), free)).toEqual({ do: 'main' })
})

test('letters fire what they stand for', () => {
  expect(actOf(press('e'), free)).toEqual({ do: 'event', event: 'establish' })
  expect(actOf(press('G'), free)).toEqual({ do: 'event', event: 'refuse-delay' })
  expect(actOf(press('toString'), free)).toBe(null)
  expect(actOf(press('constructor'), free)).toBe(null)
})

test('a key that stays down moves on, and sends nobody twice', () => {
  expect(actOf(press('j', { repeat: true }), free)).toEqual({ do: 'step', by: 1 })
  for (const key of ['Enter', 'e', 'm', '1']) expect(actOf(press(key, { repeat: true }), free)).toBe(null)
})

test('who types into a field types; only Escape is the desk\'s', () => {
  const typing = { typing: true, pressing: false }
  for (const key of ['j', 'Enter', '1', '/', '?', ' ']) expect(actOf(press(key), typing)).toBe(null)
  expect(actOf(press('Escape'), typing)).toEqual({ do: 'escape' })
})

test('a button keeps its own Enter and space, and the browser its own keys', () => {
  const pressing = { typing: false, pressing: true }
  expect(actOf(press('Enter'), pressing)).toBe(null)
  expect(actOf(press(' '), pressing)).toBe(null)
  expect(actOf(press('j'), pressing)).toEqual({ do: 'step', by: 1 })
  expect(actOf(press('r', { ctrlKey: true }), free)).toBe(null)
  expect(actOf(press('c', { metaKey: true }), free)).toBe(null)
})

test('no key means two things, and each that fires an event is on its button', () => {
  for (const key of Object.keys(eventKeys)) expect(actOf(press(key), free)?.do).toBe('event')
  for (const event of Object.values(eventKeys)) expect(keyOfEvent(event)).toBeTruthy()
  expect(keyOfEvent('refuse-delay')).toBe('⇧G')
  expect(keyOfEvent('offer')).toBe('O')
  expect(keyOfEvent('accept')).toBeUndefined()
})

test('the help sheet says each key once, in words that there are', () => {
  const said = sheet.flatMap((g) => g.keys)
  expect(new Set(said.map(([k]) => k)).size).toBe(said.length)
  for (const [, text] of said) expect(messages[text]).toBeDefined()
})
