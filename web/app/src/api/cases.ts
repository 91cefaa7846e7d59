/**
 * Cases 案件 of the closed loop, as `/api/v1/cases` speaks of them. Times are RFC 3339
 * with zone, places lon, lat in CGCS2000.
 */
import type { LineString } from 'geojson'
import type { Offer, Text } from './flow'
import { get, send } from './client'

/** States of the machine "incident". */
export const caseStates = [
  'reported', 'established', 'offered', 'assigned', 'accepted', 'handling', 'delaying', 'suspended', 'external', 'handled',
  'closed', 'rejected', 'merged',
] as const
export type CaseState = (typeof caseStates)[number]

export interface Case {
  id: string
  no: string
  class: string
  title?: string
  description?: string
  /** 1 特别重大 … 4 一般 */
  severity: number
  lon: number
  lat: number
  address?: string
  reported: string
  channel: string
  reporter?: string
  object?: string
  photos?: string[] | null
  region: string
  simulated?: boolean
  state: CaseState
  version: number
  updated: string
  closed?: string
  /** When it came into its state; when that state's clock runs out; when all of it must be done. */
  since: string
  due?: string
  final?: string
  /** How often it was escalated. */
  level: number
  org?: string
  unit?: string
  handler?: string
  offered?: string[] | null
  into?: string
  merged?: number
  partner?: string
  urged?: number
  reworks?: number
  proofs: number
  stars?: number
}

/** One line of the timeline 办理过程. */
export interface Entry {
  seq: number
  at: string
  kind: 'event' | 'note' | 'urge' | 'proof' | 'merge' | 'split' | 'told' | 'clock' | 'rating' | 'backup'
  event?: string
  from?: CaseState
  state?: CaseState
  by: string
  byName?: string
  text?: string
  unit?: string
  ref?: string
  doneAt?: string
  version: number
}

export interface Proof {
  id: string
  case: string
  phase: 'report' | 'before' | 'after' | 'scene' | 'form'
  media: string
  sha256: string
  bytes: number
  takenAt: string
  received: string
  doubtful?: boolean
  away?: number
  by: string
  text?: string
}

/** What `GET /cases/{id}` and every command answer. */
export interface CaseFull {
  case: Case
  offers: Offer[] | null
  timeline: Entry[] | null
  proofs: Proof[] | null
  related: Case[] | null
  /** Minutes that each state has. */
  limits?: Record<string, number> | null
  className?: string
  regionName?: string
  unitName?: string
  handlerName?: string
}

export interface Alike {
  case: Case
  /** 0 … 1 */
  score: number
  metres: number
  minutes: number
  text: number
  reasons: Text[] | null
}

/** A unit that could go, by travel time over the streets. */
export interface Candidate {
  unit: string
  name: string
  kind: string
  org?: string
  status: string
  busyWith?: string[] | null
  metres: number
  seconds: number
  route?: LineString | null
  duty: boolean
  responsible: boolean
  reasons?: Text[] | null
}

export interface Candidates {
  items: Candidate[] | null
  responsible?: { org: string; orgName: string; rule?: string } | null
}

export interface Partner {
  id: string
  name: string
}

/** What somebody wants done with a case. */
export interface Command {
  /** The sender's: sent again it changes nothing. */
  id: string
  event: string
  version: number
  input?: Record<string, unknown>
  why?: string
}

export interface CasePage {
  items: Case[] | null
  next?: string
}

const at = (id: string) => `/cases/${encodeURIComponent(id)}`

export const cases = {
  page: (query: Record<string, string | number | undefined>, signal?: AbortSignal) => get<CasePage>('/cases', query, signal),
  /** These, in one answer; who may not be seen is left out. */
  some: (ids: string[]) => get<CasePage>('/cases', { ids: ids.join(','), limit: ids.length }),
  one: (id: string, signal?: AbortSignal) => get<CaseFull>(at(id), {}, signal),
  fire: (id: string, command: Command) => send<CaseFull>(`${at(id)}/events`, command),
  note: (id: string, body: { id: string; text: string; kind: 'note' | 'urge' | 'backup' }) => send<CaseFull | undefined>(`${at(id)}/notes`, body),
  alike: (id: string, signal?: AbortSignal) => get<{ items: Alike[] | null }>(`${at(id)}/alike`, {}, signal),
  merge: (id: string, body: { into: string; version: number; why: string }) => send<CaseFull | undefined>(`${at(id)}/merge`, body),
  split: (id: string, body: { version: number; why: string }) => send<CaseFull | undefined>(`${at(id)}/split`, body),
  candidates: (id: string, signal?: AbortSignal) => get<Candidates>(`${at(id)}/candidates`, { limit: 9 }, signal),
  report: (body: { id: string; class: string; title?: string; description?: string; severity?: number; lon: number; lat: number; address?: string; channel: 'operator' }) =>
    send<{ id: string; accepted: boolean }>('/cases', body),
}

/** Those that are at an end. */
export function isOver(c: Pick<Case, 'state'>): boolean {
  return c.state === 'closed' || c.state === 'rejected' || c.state === 'merged'
}

/** Whether its clock, or that of the whole, has run out at `now` (ms). */
export function isLate(c: Pick<Case, 'state' | 'due' | 'final'>, now: number): boolean {
  const over = (t: string | undefined) => t !== undefined && Date.parse(t) < now
  return !isOver(c) && (over(c.due) || over(c.final))
}
