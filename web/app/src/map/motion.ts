import type { Unit } from '@/live/protocol'

/** Where a moving thing is drawn: on its way from where it was to where it is said to be. */
export interface Glide {
  fromLon: number
  fromLat: number
  toLon: number
  toLat: number
  /** ms, on the clock of requestAnimationFrame. */
  start: number
  span: number
  /** Places it has passed, newest last: its wake. */
  wake: [lon: number, lat: number][]
}

const shortest = 120
const longest = 6000
const wakeLength = 10
/** Farther than this in degrees (about 2 km) it did not drive: it was put there. */
const leap = 0.02

export function at(glide: Glide, now: number): [lon: number, lat: number] {
  const share = Math.min(1, Math.max(0, (now - glide.start) / glide.span))
  return [glide.fromLon + (glide.toLon - glide.fromLon) * share, glide.fromLat + (glide.toLat - glide.fromLat) * share]
}

/**
 * Sets a unit on its way to its newest place. It takes as long as the place
 * before was ago, so that a unit heard every 3 s moves evenly for 3 s.
 */
export function steer(before: Glide | undefined, unit: Unit, now: number): Glide {
  if (!before || Math.abs(unit.lon - before.toLon) + Math.abs(unit.lat - before.toLat) > leap) {
    return { fromLon: unit.lon, fromLat: unit.lat, toLon: unit.lon, toLat: unit.lat, start: now, span: shortest, wake: [] }
  }
  if (unit.lon === before.toLon && unit.lat === before.toLat) return before
  const [fromLon, fromLat] = at(before, now)
  const since = now - before.start
  const wake = before.wake.concat([[fromLon, fromLat]]).slice(-wakeLength)
  return { fromLon, fromLat, toLon: unit.lon, toLat: unit.lat, start: now, span: Math.min(longest, Math.max(shortest, since)), wake }
}

export function still(glide: Glide, now: number): boolean {
  return now >= glide.start + glide.span
}
