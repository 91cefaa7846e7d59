/** A clock that runs down, with how much of its time is used. Pure. */
export interface Clock {
  /** ms that are left; negative when it has run out. */
  left: number
  /** 0 … 1 of its time that is used; NaN where its beginning is not known. */
  used: number
  /** `late` has run out, `soon` less than a fifth of it is left. */
  mood: 'late' | 'soon' | 'calm'
}

export function clockOf(begin: string | undefined, end: string | undefined, now: number): Clock | null {
  if (end === undefined || Number.isNaN(now)) return null
  const to = Date.parse(end)
  const from = begin === undefined ? NaN : Date.parse(begin)
  const left = to - now
  const used = to > from ? Math.min(1, Math.max(0, (now - from) / (to - from))) : NaN
  return { left, used, mood: left < 0 ? 'late' : used >= 0.8 ? 'soon' : 'calm' }
}

/** 07:42, 3:05:20, 2d: short enough for a row, exact where it is urgent. */
export function digits(ms: number, days: (d: number, h: number) => string): string {
  const s = Math.floor(Math.abs(ms) / 1000)
  if (s >= 48 * 3600) return days(Math.floor(s / 86400), Math.floor((s % 86400) / 3600))
  const two = (n: number) => String(n).padStart(2, '0')
  const [h, m] = [Math.floor(s / 3600), Math.floor((s % 3600) / 60)]
  return h > 0 ? `${String(h)}:${two(m)}:${two(s % 60)}` : `${two(m)}:${two(s % 60)}`
}
