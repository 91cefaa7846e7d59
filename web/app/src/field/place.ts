import type { Place } from './types'

/** Metres between two places, along the ground (haversine, a sphere of 6,371 km). */
export function metresBetween(a: Place, b: Place): number {
  const rad = Math.PI / 180
  const dLat = (b.lat - a.lat) * rad
  const dLon = (b.lon - a.lon) * rad
  const h = Math.sin(dLat / 2) ** 2 + Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * Math.sin(dLon / 2) ** 2
  return 2 * 6_371_000 * Math.asin(Math.min(1, Math.sqrt(h)))
}

/** "80 m", "1.2 km". */
export function metresText(metres: number | undefined): string {
  if (metres === undefined || !Number.isFinite(metres)) return ''
  if (metres < 1000) return `${String(Math.round(metres / 10) * 10)} m`
  return `${(metres / 1000).toFixed(metres < 10_000 ? 1 : 0)} km`
}
