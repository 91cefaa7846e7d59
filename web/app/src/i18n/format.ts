import { lang, t } from '.'
import { cityZone } from './zone'

/** A duration of so many minutes in words: 42分, 3时05分, 2天4时. */
export function span(minutes: number): string {
  const m = Math.max(0, Math.round(minutes))
  if (m < 60) return t('time.minutes', { m })
  if (m < 48 * 60) return t('time.hours', { h: Math.floor(m / 60), m: String(m % 60).padStart(2, '0') })
  return t('time.days', { d: Math.floor(m / 1440), h: Math.floor((m % 1440) / 60) })
}

/** How long before `now` (ms) the time was. */
export function ago(time: string | undefined, now: number): string {
  if (!time) return '—'
  const minutes = (now - Date.parse(time)) / 60_000
  return minutes < 1 ? t('time.now') : t('time.ago', { t: span(minutes) })
}

/** A number with as many digits as are worth reading. */
export function figure(value: number | null | undefined, digits?: number): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '—'
  const most = digits ?? (Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2)
  return new Intl.NumberFormat('en-US', { maximumFractionDigits: most }).format(value)
}

/** The usual way to write a UCUM code. */
export function unitSign(code: string | undefined): string {
  if (!code) return ''
  const signs: Record<string, string> = {
    'ug/m3': 'µg/m³', 'mg/m3': 'mg/m³', Cel: '°C', deg: '°', 'dB[SPL]': 'dB', 'B[SPL]': 'B', '1': '', '{count}': '', 'mg/L': 'mg/L', 'mm/h': 'mm/h',
    '[ppm]': 'ppm', '[pH]': '', 'm3/s': 'm³/s', '{vehicles}/h': lang.value === 'zh' ? '辆/时' : 'veh/h', '/h': lang.value === 'zh' ? '辆/时' : '/h', '{NTU}': 'NTU', 'dB{A}': 'dB(A)', '%{LEL}': '%LEL',
  }
  return signs[code] ?? code.replace(/[{}[\]]/g, '')
}

/** Times are in the city's zone. */
export function clock(ms: number): string {
  return part(ms, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' })
}

export function shortTime(time: string | number | undefined): string {
  if (time === undefined || time === '') return '—'
  return part(new Date(time).getTime(), { month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
}

/** The day, with the year: for what lasts. */
export function dateOf(time: string | undefined): string {
  if (!time) return '—'
  return part(Date.parse(time), { year: 'numeric', month: '2-digit', day: '2-digit' })
}

/** To the second, with the year: for records. */
export function fullTime(time: string | undefined): string {
  if (!time) return '—'
  return part(Date.parse(time), { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' })
}

/** Hours and minutes on a chart's axis; the date where a day begins. */
export function axisTime(ms: number): string {
  const time = part(ms, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  return time === '00:00' ? part(ms, { month: 'numeric', day: 'numeric' }) : time
}

export function day(ms: number): string {
  return part(ms, { year: 'numeric', month: 'long', day: 'numeric', weekday: 'short' })
}

function part(ms: number, shape: Intl.DateTimeFormatOptions): string {
  if (!Number.isFinite(ms)) return '—'
  const timeZone = cityZone.value
  const locale = lang.value === 'zh' ? 'zh-CN' : 'en-GB'
  return new Intl.DateTimeFormat(locale, timeZone ? { ...shape, timeZone } : shape).format(ms)
}
