import { describe, expect, it } from 'vitest'
import { change, explain, isoDay, misses, period } from './evaluation'

describe('indicators', () => {
  it('are judged by which way is better', () => {
    expect(misses({ direction: 'up', target: 95 }, 94.9)).toBe(true)
    expect(misses({ direction: 'down', target: 2 }, 1)).toBe(false)
    expect(misses({ direction: 'down', target: 2 }, null)).toBe(false)
    expect(change({ direction: 'down' }, 3, 5)).toBe('better')
    expect(change({ direction: 'up' }, 3, 5)).toBe('worse')
    expect(change({ direction: 'up' }, null, 5)).toBe('same')
  })
  it('say what they are computed of', () => {
    const measures = [{ code: 'closed', name: '结案数', nameEn: 'Closed' }, { code: 'close_due', name: '应结案数', nameEn: 'To be closed' }]
    expect(explain({ formula: 'closed / close_due * 100' }, { counts: { closed: 911, close_due: 972 } }, measures, 'zh')).toBe('结案数 911 ÷ 应结案数 972 × 100')
  })
})

describe('periods', () => {
  const now = Date.parse('2026-03-01T01:00:00+08:00')
  it('are days of the city, also where UTC has yesterday', () => {
    expect(isoDay(now)).toBe('2026-03-01')
    expect(period('today', now)).toEqual(['2026-03-01', '2026-03-01'])
    expect(period('week', now)).toEqual(['2026-02-23', '2026-03-01'])
    expect(period('lastMonth', now)).toEqual(['2026-02-01', '2026-02-28'])
  })
})
