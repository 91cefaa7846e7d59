/**
 * What people outdoors work with, as `/api/v1` says it (cases, me/cases), and
 * what waits on their phone to be sent.
 */

/** A case 案件 as the server keeps it. */
export interface Case {
  id: string
  simulated?: boolean
  no: string
  class: string
  title?: string
  description?: string
  severity: number
  lon: number
  lat: number
  address?: string
  reported: string
  channel: string
  object?: string
  photos?: string[]
  region: string
  state: CaseState
  version: number
  updated: string
  since: string
  due?: string
  final?: string
  unit?: string
  handler?: string
  offered?: string[]
  urged?: number
  reworks?: number
  proofs: number
  /** From where one asked, over the ground. */
  metres?: number
}

export type CaseState =
  | 'reported' | 'established' | 'offered' | 'assigned' | 'accepted' | 'handling' | 'delaying'
  | 'suspended' | 'external' | 'handled' | 'closed' | 'rejected' | 'merged'

export type CaseEvent =
  | 'accept' | 'decline' | 'arrive' | 'finish' | 'return' | 'ask-delay' | 'close' | 'rework'

/** What one may do with a case now. */
export interface Offer {
  event: string
  title: { zh: string; en: string }
  why?: { zh: string; en: string }[] | null
}

export interface TimelineEntry {
  seq: number
  at: string
  kind: string
  event?: string
  state?: string
  by: string
  byName?: string
  text?: string
}

export interface ProofView {
  id: string
  phase: Phase
  media: string
  takenAt: string
  doubtful?: boolean
  away?: number
  by: string
  text?: string
}

/** `GET /cases/{id}`. */
export interface CaseDetail {
  case: Case
  offers?: Offer[] | null
  timeline?: TimelineEntry[] | null
  proofs?: ProofView[] | null
  className?: string
  regionName?: string
  unitName?: string
  handlerName?: string
}

export interface CaseClass {
  code: string
  name: string
  nameEn?: string
  group: string
  groupEn?: string
  severity?: number
  needsPhoto?: boolean
  component?: boolean
}

export interface Duty {
  on: boolean
  unit?: string
  unitName?: string
  kind?: string
  since?: string
  doubtful?: boolean
  grids: string[]
  now?: string
}

export interface Coverage {
  cells: string[]
  total: number
  share: number
  kilometres: number
  seconds: number
}

export type Phase = 'report' | 'before' | 'after' | 'scene'

export interface Place {
  lon: number
  lat: number
  accuracy?: number
}

/** What somebody did, as it is sent. */
export type Act =
  | { kind: 'report'; class: string; title?: string; description?: string; at: Place; reported: string; photos: string[]; channel?: 'grid' | 'operator' }
  | { kind: 'command'; case: string; event: string; from: string; version: number; input?: Record<string, unknown>; why?: string; at: string }
  | { kind: 'note'; case: string; text: string; note: 'note' | 'urge' | 'backup' }
  | { kind: 'proof'; case: string; photo: string; phase: Phase; takenAt: string; place?: Place; text?: string }
  | { kind: 'duty'; on: boolean; unit?: string; at: string }
  /** Any other write of a module: sent as it is, with the entry's id as `id`. */
  | { kind: 'post'; path: string; method?: 'POST' | 'PUT'; body: Record<string, unknown> }

/**
 * waiting: to be sent. refused: the server does not take it, a person must look.
 * conflict: somebody else was faster; what can be kept is kept as a note.
 * sent: it is there. dropped: nothing to send any more.
 */
export type EntryState = 'waiting' | 'refused' | 'conflict' | 'sent' | 'dropped'

/** One thing that was done on this phone. Its id is what makes sending it twice the same as once. */
export interface Entry {
  id: string
  /** The subject whose it is: nobody else sends or sees it. */
  owner: string
  /** Entries of one lane are sent one after the other: those of one case. */
  lane: string
  /** The order in which they were made. */
  seq: number
  made: string
  /** What to call it in a list. */
  label: string
  act: Act
  state: EntryState
  tries: number
  /** Not before (ms). */
  after: number
  /** What the server said last. */
  said?: Said
  sent?: string
}

export interface Said {
  status: number
  text: string
  /** Who was faster, and what the case is now. */
  by?: string
  /** The same, as a subject. */
  subject?: string
  state?: string
  version?: number
}

/** A photo, kept until the server has it. */
export interface Photo {
  id: string
  owner: string
  blob: Blob
  type: string
  bytes: number
  sha256: string
  takenAt: string
  place?: Place
  /** Where the upload goes on. */
  url?: string
  /** How much of it the server has, bytes. */
  offset?: number
}

export interface Position {
  time: string
  lon: number
  lat: number
  speed?: number
  heading?: number
  accuracy?: number
}
