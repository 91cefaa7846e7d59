import { describe, expect, it } from 'vitest'
import type { Case } from '@/api/cases'
import { callsAmong, ringing, type LiveCase } from './calls'
import { countdown } from './countdown'
import { isDay, sunHeight } from './daylight'
import { begin, filled, holds, missing, moment, tapped, type Template } from './forms'
import { melody } from './ring'

const live = (more: Partial<LiveCase>): LiveCase => ({ id: 'a', class: 'E0101', status: 'dispatched', severity: 4, lon: 121, lat: 31, reported: '2026-11-24T00:00:00Z', ...more })

describe('calls', () => {
  it('rings for what was sent to my unit, and for an open call that includes it', () => {
    const calls = callsAmong([
      live({ id: 'other', step: 'assigned', unit: 'u9' }),
      live({ id: 'late', step: 'assigned', unit: 'u1', due: '2026-11-24T02:00:00Z' }),
      live({ id: 'open', step: 'offered', offered: ['u3', 'u1'], due: '2026-11-24T01:00:00Z' }),
      live({ id: 'grave', step: 'assigned', unit: 'u1', severity: 1, due: '2026-11-24T03:00:00Z' }),
      live({ id: 'taken', step: 'accepted', unit: 'u1' }),
      live({ id: 'theirs', step: 'offered', offered: ['u3'] }),
    ], ['u1'])
    expect(calls.map((c) => `${c.id} ${c.kind}`)).toEqual(['grave mine', 'open open', 'late mine'])
  })

  it('does not ring again for what was silenced, but for the next sending of it', () => {
    const first = callsAmong([live({ step: 'assigned', unit: 'u1', due: '1' })], ['u1'])
    const silenced = new Set(first.map((c) => c.key))
    expect(ringing(first, silenced)).toBeUndefined()
    expect(ringing(callsAmong([live({ step: 'assigned', unit: 'u1', due: '2' })], ['u1']), silenced)?.id).toBe('a')
  })

  it('rings for nobody who is on no unit', () => {
    expect(callsAmong([live({ step: 'assigned' }), live({ step: 'offered', offered: [] })], [])).toEqual([])
  })
})

describe('countdown', () => {
  const since = '2026-11-24T08:00:00Z'
  const due = '2026-11-24T08:10:00Z'
  const at = (s: string) => countdown(since, due, Date.parse(s))
  it('says how long, and grows urgent in the last fifth', () => {
    expect(at('2026-11-24T08:01:55Z')).toMatchObject({ text: '8:05', state: 'calm' })
    expect(at('2026-11-24T08:08:30Z')).toMatchObject({ text: '1:30', state: 'soon', share: 0.15 })
    expect(at('2026-11-24T08:10:12Z')).toMatchObject({ text: '−0:12', state: 'over', share: 0 })
  })
  it('is not there without a limit', () => { expect(countdown(since, undefined, 0)).toBeUndefined() })
  it('writes hours', () => { expect(countdown(undefined, '2026-11-24T11:00:05Z', Date.parse(since))?.text).toBe('3:00:05') })
})

describe('daylight', () => {
  // Kunshan, from the almanac: on 24 November 2026 the sun rises about 06:30 and sets about 16:54 (UTC+8).
  const at = (clock: string) => isDay(Date.parse(`2026-11-24T${clock}:00+08:00`), 120.9557, 31.3899)
  it('begins and ends with the sun', () => {
    expect(at('06:20')).toBe(false)
    expect(at('06:40')).toBe(true)
    expect(at('16:45')).toBe(true)
    expect(at('17:05')).toBe(false)
  })
  it('knows the height of noon', () => {
    // 90° − latitude + declination (−20.6°)
    expect(sunHeight(Date.parse('2026-11-24T11:43:00+08:00'), 120.9557, 31.3899)).toBeCloseTo(38, 0)
  })
})

describe('forms', () => {
  const template: Template = {
    code: 'x', version: 1, zh: '甲', en: 'A', source: '', sample: true, oneOf: [['sign', 'refusal']],
    fields: [
      { name: 'place', zh: '地点', en: 'Place', kind: 'text', required: true, from: 'case.place' },
      { name: 'date', zh: '日期', en: 'Date', kind: 'date', required: true, from: 'today+3' },
      { name: 'party', zh: '当事人', en: 'Party', kind: 'text', required: true },
      { name: 'shown', zh: '出示', en: 'Shown', kind: 'choice', required: true, choices: ['已出示'] },
      { name: 'sign', zh: '签名', en: 'Signature', kind: 'signature' },
      { name: 'refusal', zh: '说明', en: 'Why', kind: 'text' },
    ],
  }
  const known = { case: { address: '人民路 1 号' } as Case, className: '', me: '王敏', org: '', now: Date.parse('2026-11-24T20:00:00Z'), zone: 'Asia/Shanghai' }

  it('begin with what is known, in the city’s time', () => {
    expect(begin(template, known)).toEqual({ place: '人民路 1 号', date: '2026-11-28', shown: '已出示' })
    expect(begin(template, known, { party: '某公司', sign: [[[1, 2]]] })).toMatchObject({ party: '某公司' })
    expect(begin(template, known, { sign: [[[1, 2]]] })['sign']).toBeUndefined()
  })
  it('say what is missing, and that one of two is enough', () => {
    const values = begin(template, known)
    expect(missing(template, values)).toEqual(['party', 'sign'])
    expect(missing(template, { ...values, party: 'x', refusal: '拒绝' })).toEqual([])
  })
  it('send only what was filled in', () => { expect(filled({ a: '', b: [], c: 'x', d: undefined, e: 0 })).toEqual({ c: 'x', e: 0 }) })
  it('take a phrase in by a tap and out by the next', () => {
    const one = tapped('', '占道经营')
    const two = tapped(one, '已拍照')
    expect(two).toBe('占道经营；已拍照')
    expect(holds(two, '已拍照')).toBe(true)
    expect(tapped(two, '占道经营')).toBe('已拍照')
  })
  it('write midnight as 00', () => { expect(moment(Date.parse('2026-11-23T16:05:00Z'), 'Asia/Shanghai')).toBe('2026-11-24T00:05') })
})

describe('ring', () => {
  it('is quicker for the gravest', () => { expect(melody(1).every).toBeLessThan(melody(4).every) })
  it('ends before it begins again', () => {
    for (const s of [1, 4]) expect(Math.max(...melody(s).notes.map((n) => n.at + n.long))).toBeLessThan(melody(s).every)
  })
})
