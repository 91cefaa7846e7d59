/** What came of the cases, as `/api/v1/evaluation` and `/api/v1/districts` have it. */
import type { components } from './schema'

type Schemas = components['schemas']

export type Table = Schemas['Table']
export type Row = Schemas['Row']
export type Indicator = Schemas['Indicator']
export type MeasureInfo = Schemas['MeasureInfo']
export type Panel = Schemas['Panel']
export type Standing = Schemas['Standing']
export type LateCase = Schemas['LateCase']
export type Brief = Schemas['Brief']

export interface Indicators {
  indicators: Indicator[]
  measures: MeasureInfo[]
  mayChange: boolean
}

/** A value of a row; null where there is nothing to divide by. */
export function valueOf(row: { values: Record<string, number | null> } | undefined, code: string): number | null {
  return row?.values[code] ?? null
}

/** Whether a value misses its indicator's target. */
export function misses(i: Pick<Indicator, 'direction' | 'target'>, value: number | null): boolean {
  if (value === null || i.target === undefined) return false
  return i.direction === 'down' ? value > i.target : value < i.target
}

/** Better, worse or the same, by which way is better. */
export function change(i: Pick<Indicator, 'direction'>, now: number | null, before: number | null): 'better' | 'worse' | 'same' {
  if (now === null || before === null || now === before) return 'same'
  return (now > before) === (i.direction === 'up') ? 'better' : 'worse'
}

/**
 * The formula with the counts that it was computed of:
 * "closed / close_due * 100" → "结案数 911 ÷ 应结案数 972 × 100".
 */
export function explain(i: Pick<Indicator, 'formula'>, row: { counts: Record<string, number> }, measures: readonly MeasureInfo[], lang: string): string {
  const names = new Map(measures.map((m) => [m.code, lang === 'zh' ? m.name : m.nameEn]))
  return i.formula.replace(/[a-z_]+/g, (word) => {
    const name = names.get(word)
    return name === undefined ? word : `${name} ${String(Math.round((row.counts[word] ?? 0) * 10) / 10)}`
  }).replaceAll(' / ', ' ÷ ').replaceAll(' * ', ' × ')
}

/** A day as the API writes it, in the city's zone (UTC+8). */
export function isoDay(ms: number): string {
  return new Date(ms + 8 * 3_600_000).toISOString().slice(0, 10)
}

export type Quick = 'today' | 'week' | 'month' | 'lastMonth' | 'year'

/** First and last day of a usual period. */
export function period(quick: Quick, now: number): [from: string, to: string] {
  const today = isoDay(now)
  switch (quick) {
    case 'today': return [today, today]
    case 'week': return [isoDay(now - 6 * 86_400_000), today]
    case 'month': return [today.slice(0, 8) + '01', today]
    case 'year': return [today.slice(0, 5) + '01-01', today]
    case 'lastMonth': {
      const last = isoDay(Date.parse(today.slice(0, 8) + '01T00:00:00+08:00') - 1)
      return [last.slice(0, 8) + '01', last]
    }
  }
}
