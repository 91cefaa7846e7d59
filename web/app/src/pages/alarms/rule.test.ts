import { describe, expect, it } from 'vitest'
import { definitionOf, formOf, lasted, ringsOf, type Definition } from './rule'

const rule: Definition = {
  name: '水位', region: '320583', kind: 'threshold', filter: { of: 'device', kinds: ['water'], ids: [], property: 'water_level' },
  threshold: { compare: '>', limit: 3.7, for: 2, until: 3.5, hold: false }, open: { class: 'E0402', severity: 2, text: '{device}' }, coolDown: 30, clear: '', nameEn: '', note: '',
}

describe('a rule in a form', () => {
  it('comes back as it was', () => {
    expect(definitionOf(formOf(rule, ''))).toEqual(rule)
  })
  it('sends only the part of its kind', () => {
    const form = formOf(rule, '')
    form.kind = 'silence'
    const sent = definitionOf(form)
    expect(sent.threshold).toBeUndefined()
    expect(sent.silence).toEqual({ after: 30 })
  })
  it('has no value at which it is over when none was typed', () => {
    const form = formOf(rule, '')
    form.threshold.until = ' '
    expect(definitionOf(form).threshold).not.toHaveProperty('until')
  })
  it('reads a polygon of lines, with blank lines between rings', () => {
    expect(ringsOf('121 31\n121.1, 31\n121.1，31.1\n\n1 2')).toEqual([[[121, 31], [121.1, 31], [121.1, 31.1]], [[1, 2]]])
    expect(ringsOf('  ')).toEqual([])
  })
  it('says lengths of time', () => {
    expect([lasted(5), lasted(600), lasted(9000)]).toEqual(['5 s', '10 min', '2.5 h'])
  })
})
