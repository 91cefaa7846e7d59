import { describe, expect, it } from 'vitest'
import { formOf, newLine, settingsOf, type Platform } from './camera'

const vms: Platform = {
  partner: 'vms', name: '视频平台', region: '320583', on: false, keyed: true, version: 4,
  kinds: [{ kind: 'vending', class: 'E0502', severity: 4, confidence: 0.29, text: '占道经营' }, { kind: 'smoke', class: 'E0106', severity: 2, confidence: 1 }],
}

describe('a video platform in a form', () => {
  it('comes back as it was, switched off and at its version', () => {
    expect(settingsOf(formOf(vms, ''), vms)).toEqual(vms)
  })
  it('shows a confidence in percent without the noise of binary fractions', () => {
    expect(formOf(vms, '').lines.map((l) => l.percent)).toEqual(['29', '100'])
  })
  it('leaves out a line in which nothing was written, and keeps half a one to be refused', () => {
    const form = formOf(undefined, '320583')
    form.lines = [newLine(), { ...newLine(), kind: ' vending ' }]
    expect(settingsOf(form, undefined).kinds).toEqual([{ kind: 'vending', class: '', severity: 3, confidence: 0.8 }])
  })
  it('is new without a version, and on', () => {
    const sent = settingsOf(formOf(undefined, '320583'), undefined)
    expect(sent).not.toHaveProperty('version')
    expect(sent.on).toBe(true)
  })
})
