import type { Property } from '@/api/types'
import type { Cell } from '@/live/protocol'

/** What the hexagons are coloured by. */
export interface Measure {
  /** "index", or an observed property. */
  id: string
  /** Values at the ends of the colour ramp. */
  low: number
  high: number
  /** Which end is bad: a pH is bad at both, a count of cars at neither. */
  bad: 'high' | 'low' | 'both' | null
}

export const indexMeasure: Measure = { id: 'index', low: 0, high: 100, bad: 'high' }

/** What the register says of a property's range. */
type Limits = Pick<Property, 'id' | 'low' | 'high' | 'alarmLow' | 'alarmHigh'>

/**
 * A property's measure: the ramp ends where the alarm begins. Without alarm
 * limits it spans the values that there are, for the register only knows what
 * an instrument could say.
 */
export function measureOf(property: Limits, values: number[] = []): Measure {
  const { id, low, high, alarmLow, alarmHigh } = property
  if (alarmHigh !== undefined && alarmLow !== undefined) return { id, low: alarmLow, high: alarmHigh, bad: 'both' }
  if (alarmHigh !== undefined) return { id, low: Math.max(low, 0), high: alarmHigh, bad: 'high' }
  const [from, to] = spread(values) ?? [low, high]
  if (alarmLow !== undefined) return { id, low: alarmLow, high: Math.max(to, alarmLow * 2), bad: 'low' }
  return { id, low: from, high: to, bad: null }
}

/** Round figures around the middle 96 % of the values; null when there is nothing to span. */
export function spread(values: number[]): [number, number] | null {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b)
  const low = sorted[Math.floor(sorted.length * 0.02)]
  const high = sorted[Math.ceil(sorted.length * 0.98) - 1]
  if (low === undefined || high === undefined || low === high) return null
  const step = 10 ** Math.floor(Math.log10(high - low))
  return [Math.floor(low / step) * step, Math.ceil(high / step) * step]
}

/** The value that a cell is coloured by: null where it has none. */
export function valueOf(cell: Cell, id: string): number | null {
  return id === 'index' ? cell.index : (cell.properties?.[id]?.[0] ?? null)
}

/** How far up the ramp a value is, 0 (calm) to 1 (bad); null without a value. */
export function shareOf(value: number | null, measure: Measure): number | null {
  if (value === null || !Number.isFinite(value) || measure.high === measure.low) return null
  const share = (value - measure.low) / (measure.high - measure.low)
  const turned = measure.bad === 'low' ? 1 - share : measure.bad === 'both' ? Math.abs(share - 0.5) * 2 : share
  return Math.min(1, Math.max(0, turned))
}

/** The H3 resolution that suits a zoom: hexagons of about 20 to 60 pixels. */
export function resolutionAt(zoom: number): number {
  return zoom < 9.6 ? 7 : zoom < 11.4 ? 8 : 9
}
