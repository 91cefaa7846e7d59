/**
 * What the desk and the wall of one operator say to each other: two windows of
 * one browser, over BroadcastChannel "onecity-wall". Nothing of it leaves the
 * machine, and neither tells the other anything that it may not see anyway:
 * each reads what it shows from the server by its own session.
 */

export const channelName = 'onecity-wall'
/** Messages of another version are not understood, and so not obeyed. */
export const version = 1
/** ms between two signs of life; three missing ones are an end. */
export const beat = 2000

export interface Camera {
  center: [lon: number, lat: number]
  zoom: number
  pitch: number
  bearing: number
}

export interface Chosen {
  kind: 'incident' | 'unit' | 'device' | 'cell'
  id: string
  lon?: number
  lat?: number
}

export type Said =
  /** I am here; `name` is the operator's at the desk. */
  | { op: 'here'; name?: string }
  | { op: 'bye' }
  /** Desk → wall, and wall → desk when somebody picks there. */
  | { op: 'choose'; chosen: Chosen | null }
  | { op: 'camera'; camera: Camera }
  /** The district in view and the measure of the cells; null is the whole city. */
  | { op: 'show'; region: string | null; measure: string }
  /** The unit that the camera stays on. */
  | { op: 'follow'; unit: string | null }

export type Role = 'desk' | 'wall'

export type Message = Said & { v: typeof version; from: Role; /** Of the window. */ id: string; /** Whose session it is. */ who: string }

const isText = (v: unknown, most = 200): v is string => typeof v === 'string' && v.length <= most
const isNumber = (v: unknown): v is number => typeof v === 'number' && Number.isFinite(v)
const isRecord = (v: unknown): v is Record<string, unknown> => typeof v === 'object' && v !== null
const isPlace = (lon: unknown, lat: unknown): boolean => isNumber(lon) && isNumber(lat) && Math.abs(lon) <= 180 && Math.abs(lat) <= 90
const kinds = new Set<unknown>(['incident', 'unit', 'device', 'cell'])

function chosenOf(v: unknown): Chosen | null | undefined {
  if (v === null) return null
  if (!isRecord(v) || !kinds.has(v['kind']) || !isText(v['id'])) return undefined
  const place = isPlace(v['lon'], v['lat']) ? { lon: v['lon'] as number, lat: v['lat'] as number } : {}
  return { kind: v['kind'] as Chosen['kind'], id: v['id'], ...place }
}

function cameraOf(v: unknown): Camera | undefined {
  if (!isRecord(v) || !Array.isArray(v['center']) || !isPlace(v['center'][0], v['center'][1])) return undefined
  if (!isNumber(v['zoom']) || !isNumber(v['pitch']) || !isNumber(v['bearing'])) return undefined
  return { center: [v['center'][0] as number, v['center'][1] as number], zoom: v['zoom'], pitch: v['pitch'], bearing: v['bearing'] }
}

function saidOf(m: Record<string, unknown>): Said | undefined {
  switch (m['op']) {
    case 'here': return isText(m['name']) ? { op: 'here', name: m['name'] } : { op: 'here' }
    case 'bye': return { op: 'bye' }
    case 'choose': {
      const chosen = chosenOf(m['chosen'])
      return chosen === undefined ? undefined : { op: 'choose', chosen }
    }
    case 'camera': {
      const camera = cameraOf(m['camera'])
      return camera && { op: 'camera', camera }
    }
    case 'show': {
      const region = m['region']
      return (region === null || isText(region, 15)) && isText(m['measure']) ? { op: 'show', region, measure: m['measure'] } : undefined
    }
    case 'follow': {
      const unit = m['unit']
      return unit === null || isText(unit) ? { op: 'follow', unit } : undefined
    }
    default: return undefined
  }
}

/** A message that can be obeyed, or null: other tabs may run another program. */
export function parse(data: unknown): Message | null {
  if (!isRecord(data) || data['v'] !== version || (data['from'] !== 'desk' && data['from'] !== 'wall') || !isText(data['id']) || !isText(data['who'])) return null
  const said = saidOf(data)
  return said ? { ...said, v: version, from: data['from'], id: data['id'], who: data['who'] } : null
}
