/** When a position is worth keeping, and how often to look: a battery must last a shift. */
import { metresBetween } from './place'
import type { Position } from './types'

export interface Battery {
  level: number
  charging: boolean
}

/** How to look for the position. */
export interface Pace {
  /** Satellites, not the nearest mast. */
  precise: boolean
  /** Metres that one must have gone before a position is kept. */
  step: number
  /** ms between two looks while standing still. */
  still: number
  /** ms between two deliveries. */
  send: number
}

/** The pace for a battery; unknown counts as full. */
export function paceFor(battery?: Battery): Pace {
  if (battery && !battery.charging && battery.level <= 0.1) return { precise: false, step: 80, still: 300_000, send: 300_000 }
  if (battery && !battery.charging && battery.level <= 0.25) return { precise: true, step: 40, still: 180_000, send: 120_000 }
  return { precise: true, step: 15, still: 60_000, send: 30_000 }
}

/** ms without a step after which one stands still. */
export const settled = 120_000

/** Whether a position says something new. Steps within the accuracy are noise. */
export function worthKeeping(last: Position | undefined, now: Position, pace: Pace): boolean {
  if (!last) return true
  const took = Date.parse(now.time) - Date.parse(last.time)
  if (took <= 0) return false
  const metres = metresBetween(last, now)
  const noise = Math.min(100, Math.max(now.accuracy ?? 0, last.accuracy ?? 0)) / 2
  if (metres >= Math.max(pace.step, noise)) return true
  // A sign of life, so that the track has no hole where one stood.
  return took >= 4 * pace.still
}
