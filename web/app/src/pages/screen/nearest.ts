import type { Unit } from '@/live/protocol'

export interface Near {
  unit: Unit
  /** Metres as the crow flies. */
  metres: number
}

/** Metres between two places, on a sphere: good to 0.5 % within a city. */
export function distance(lon1: number, lat1: number, lon2: number, lat2: number): number {
  const rad = Math.PI / 180
  const x = (lon2 - lon1) * rad * Math.cos(((lat1 + lat2) / 2) * rad)
  const y = (lat2 - lat1) * rad
  return Math.hypot(x, y) * 6_371_008.8
}

/** The units that can be sent: on duty and not busy first, then by distance. */
export function nearest(units: Iterable<Unit>, lon: number, lat: number, most: number): Near[] {
  const busy = (u: Unit) => Number(u.status === 'handling')
  return [...units]
    .filter((u) => u.status !== 'off')
    .map((unit) => ({ unit, metres: distance(lon, lat, unit.lon, unit.lat) }))
    .sort((a, b) => busy(a.unit) - busy(b.unit) || a.metres - b.metres)
    .slice(0, most)
}

export function metresText(metres: number): string {
  return metres < 950 ? `${String(Math.round(metres / 10) * 10)} m` : `${(metres / 1000).toFixed(1)} km`
}
