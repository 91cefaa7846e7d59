import { describe, expect, it } from 'vitest'
import { groupsOf, holdingIn, mondayOf, plusDays, type Mandate } from './dispatch'

const row = (cls: string, region: string, org: string): Mandate => ({ class: cls, region, org, kinds: [], since: '2026-01-01T00:00:00Z', version: 1 }) as unknown as Mandate

describe('the responsibility list of a region', () => {
  const rows = [row('', '', 'city'), row('E01', '', 'all'), row('E01', '320583', 'kunshan'), row('E01', '320583100', 'yushan'), row('E0101', '320583', 'special'), row('E02', '320583101', 'bacheng')]
  it('takes the nearest region for each class', () => {
    expect(holdingIn('320583100', rows).map((m) => m.class + ':' + m.org)).toEqual([':city', 'E01:yushan', 'E0101:special'])
    expect(holdingIn('320583', rows).map((m) => m.class + ':' + m.org)).toEqual([':city', 'E01:kunshan', 'E0101:special'])
  })
  it('puts classes into their groups, in order', () => {
    const groups = groupsOf([{ code: 'E0102', name: 'b', group: '市容' }, { code: 'C0101', name: 'c', group: '设施' }, { code: 'E0101', name: 'a', group: '市容' }, { code: 'E0101', name: 'a', group: '市容' }])
    expect(groups.map((g) => g.code + ':' + String(g.classes.length))).toEqual(['C01:1', 'E01:2'])
  })
})

describe('weeks', () => {
  it('begin on Mondays', () => {
    expect(mondayOf('2026-11-24')).toBe('2026-11-23')
    expect(mondayOf('2026-11-23')).toBe('2026-11-23')
    expect(mondayOf('2026-11-29')).toBe('2026-11-23')
    expect(plusDays('2026-12-30', 3)).toBe('2027-01-02')
  })
})
