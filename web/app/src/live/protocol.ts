/**
 * What is spoken over `/ws` (docs/protocol.md). Times are RFC 3339 text,
 * places lon, lat in CGCS2000.
 */

export type LayerName = 'cells' | 'devices' | 'units' | 'incidents'

/** What a reader asks to see. Equal views get equal bytes: keep them few. */
export interface View {
  layers: LayerName[]
  region?: string
  bbox?: [west: number, south: number, east: number, north: number]
  /** H3 resolution of the cells. */
  res?: number
  widgets?: string[]
  lang?: Lang
  /** Frames a second, 1–30. */
  rate?: number
}

export type Lang = 'zh' | 'en'

/** A position in the city's stream of facts. */
export interface Position {
  epoch: string
  seq: number
}

/** One property of a cell: newest value, and mean, maximum and count of 15 min. */
export type CellProperty = [last: number, mean: number, max: number, count: number]

export interface Cell {
  cell: string
  index: number | null
  open: number
  late: number
  units: number
  devices: number
  alarms: number
  properties?: Record<string, CellProperty>
}

export interface Device {
  id: string
  name: string
  kind: string
  lon: number
  lat: number
  seen?: string
  simulated?: boolean
  values?: Record<string, [value: number, alarm: 0 | 1]>
}

export interface Unit {
  id: string
  name: string
  kind: string
  lon: number
  lat: number
  speed?: number
  heading?: number
  status?: string
  seen?: string
  simulated?: boolean
}

export type Status = 'reported' | 'accepted' | 'dispatched' | 'handling' | 'handled' | 'closed' | 'rejected'

export interface Incident {
  id: string
  class: string
  title?: string
  status: Status
  /** 1 特别重大 … 4 一般 */
  severity: number
  lon: number
  lat: number
  reported: string
  due?: string
  late?: boolean
  unit?: string
  region?: string
  simulated?: boolean
}

/** A figure or a chart, as `GET /api/v1/widgets/{name}` answers too. */
export interface Widget {
  name: string
  title: string
  kind: 'kpi' | 'chart'
  /** An ECharts option. */
  option?: Record<string, unknown>
  /** Absent when it is not known. */
  value?: number
  /** The value as people write it. */
  text?: string
  unit?: string
  /** Change against an hour before. */
  trend?: number
  items?: WidgetItem[]
  simulated?: boolean
  time?: string
}

/** A figure beside the main one. */
export interface WidgetItem {
  name: string
  value: number | null
  text?: string
  unit?: string
  /** What it speaks of, where that can be opened: a cell, a device. */
  id?: string
}

/** Each layer's things, by the field that names them. */
export interface Things {
  cells: Cell
  devices: Device
  units: Unit
  incidents: Incident
}

export interface Frame extends Position {
  op: 'frame'
  view: string
  from: number
  time: string
  reset?: boolean
  cells?: Cell[]
  devices?: Device[]
  units?: Unit[]
  incidents?: Incident[]
  gone?: Partial<Record<LayerName, string[]>>
  widgets?: Record<string, Widget>
}

/** RFC 9457 problem details, with the places of the errors. */
export interface Problem {
  type?: string
  title?: string
  status?: number
  detail?: string
  errors?: ProblemItem[]
}

export interface ProblemItem {
  item?: number
  field?: string
  /** Where it stands in a table, as spreadsheets name it: C12. */
  cell?: string
  value?: unknown
  code?: string
  message?: string
  expected?: string
}

export type ServerMessage =
  | { op: 'subscribed'; id: string; view: string }
  | { op: 'error'; id?: string; problem: Problem }
  | { op: 'notice'; kind: string }
  | { op: 'pong' }
  | Frame

export type ClientMessage =
  | { op: 'sub'; id: string; view: View; since?: Position }
  | { op: 'unsub'; id: string }
  | { op: 'ping' }
