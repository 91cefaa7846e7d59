/** How much of a clock is left. */
export interface Countdown {
  /** Seconds left; negative when it has run out. */
  seconds: number
  /** Of the whole, 0 … 1; 1 where its length is not known. */
  share: number
  /** "2:05", "−0:12", "1:02:03" */
  text: string
  state: 'calm' | 'soon' | 'over'
}

/** The clock that runs since … due, at now (ms); undefined where there is none. */
export function countdown(since: string | undefined, due: string | undefined, now: number): Countdown | undefined {
  if (!due) return undefined
  const end = Date.parse(due)
  const whole = since ? end - Date.parse(since) : NaN
  const seconds = Math.ceil((end - now) / 1000)
  const share = whole > 0 ? Math.min(1, Math.max(0, (end - now) / whole)) : 1
  return { seconds, share, text: digits(seconds), state: seconds <= 0 ? 'over' : share < 0.2 || seconds <= 30 ? 'soon' : 'calm' }
}

function digits(seconds: number): string {
  const s = Math.abs(seconds)
  const two = (n: number) => String(n).padStart(2, '0')
  const h = Math.floor(s / 3600)
  const text = h > 0 ? `${String(h)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}` : `${String(Math.floor(s / 60))}:${two(s % 60)}`
  return seconds < 0 ? '−' + text : text
}
