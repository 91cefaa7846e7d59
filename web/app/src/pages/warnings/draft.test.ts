import { expect, test } from 'vitest'
import type { Warning } from '@/api/warnings'
import { bodyOf, draftOf } from './draft'

const now = Date.parse('2026-11-24T10:00:00+08:00')
const rain = {
  id: 'w-1', event: '暴雨', eventEn: 'Rainstorm', category: 'Met', colour: 'yellow', urgency: 'Expected', certainty: 'Likely', headline: 'h', headlineEn: '', text: 't', textEn: '',
  instruction: 'i', instructionEn: '', regions: ['320583100'], area: '玉山镇', areaEn: '', onset: '', expires: '2026-11-24T15:00:00+08:00', sender: 's', contact: '', exercise: false,
  state: 'issued', version: 3, made: '', updated: '', authors: [],
} as unknown as Warning

test('a draft that is changed keeps its version, an update names what it replaces', () => {
  expect(bodyOf(draftOf(rain, '', now), now)).toMatchObject({ version: 3, replaces: '', colour: 'yellow', regions: ['320583100'] })
  expect(bodyOf(draftOf(rain, 'w-1', now), now)).toMatchObject({ version: 0, replaces: 'w-1' })
})

test('it holds at least as long as it did', () => {
  expect(draftOf(rain, '', now).hours).toBe(6)
  expect(bodyOf(draftOf(rain, '', now), now).expires).toBe('2026-11-24T08:00:00.000Z')
})

test('regions that were not chosen, or twice, are left out', () => {
  const d = { ...draftOf(undefined, '', now), regions: ['320583', '', '320583'] }
  expect(bodyOf(d, now).regions).toEqual(['320583'])
  expect(bodyOf(d, now)).not.toHaveProperty('hours')
})
