/** What `/api/v1` answers, as the screens use it (docs/protocol.md). */
import type { MultiPolygon, Polygon } from 'geojson'
import type { Incident, ProblemItem } from '@/live/protocol'

export interface City {
  code: string
  name: string
  nameEn?: string
  timeZone?: string
  notices?: string[]
  bbox?: [west: number, south: number, east: number, north: number]
  centre?: [lon: number, lat: number]
  time?: string
  simulated?: boolean
}

export interface Region {
  code: string
  name: string
  nameEn?: string
  level: string
  parent?: string
  centre?: [lon: number, lat: number]
  made?: boolean
  geometry?: MultiPolygon | Polygon
}

export interface Property {
  id: string
  name: string
  nameEn?: string
  unit?: string
  low: number
  high: number
  alarmLow?: number
  alarmHigh?: number
  alarmSource?: string
  show?: 'number' | 'count' | 'state' | 'direction'
  decimals?: number
}

export interface IncidentClass {
  code: string
  name: string
  nameEn?: string
  group?: string
  severity?: number
  limitMinutes?: number
}

export interface IncidentDetail extends Incident {
  version: number
  description?: string
  address?: string
  channel?: string
  note?: string
  photos?: string[]
  updated?: string
  closed?: string
}

/** Sums of a cell's property over a sliding window. */
export interface Aggregate {
  count: number
  mean: number
  max: number
  last: number
}

export interface CellDetail {
  cell: string
  index: number | null
  open: number
  late: number
  units: number
  devices: number
  alarms: number
  properties: { property: string; minute?: Aggregate; quarter?: Aggregate; hour?: Aggregate; day?: Aggregate }[]
  indicators?: { name: string; value: number | null }[]
}

export interface Point {
  time: string
  mean: number
  min?: number
  max?: number
  count?: number
}

/** How a delivery of a feed went. */
export interface Delivery {
  file?: string
  format?: string
  encoding?: string
  finished?: string
  rows: number
  accepted: number
  rejected: number
  problems?: ProblemItem[]
  unknownColumns?: string[]
  error?: string
  repeated?: boolean
}

/** A data set that a department delivers again and again, under a contract. */
export interface Feed {
  id: string
  name: string
  nameEn?: string
  department?: string
  period?: string
  crs?: string
  columns?: { name: string; type: string; unit?: string; required?: boolean }[]
  key?: string[]
  last?: Delivery
}

export interface DeadLetter {
  seq: number
  at: string
  way: string
  source: string
  row?: number
  body: string
  binary?: boolean
  problems?: ProblemItem[]
}
