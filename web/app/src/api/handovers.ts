/** Hand-overs of a shift 交接班. */
import { get, send } from './client'

export type Concern = 'late' | 'grave' | 'urged' | 'promised' | 'picked'

export interface HandoverItem {
  case: string
  no?: string
  title?: string
  state?: string
  severity?: number
  due?: string
  why?: Concern
  text?: string
}

export interface Handover {
  id: string
  region: string
  by: string
  byName?: string
  at: string
  text: string
  items: HandoverItem[] | null
  takenBy?: string
  takenName?: string
  taken?: string
}

export const handovers = {
  list: (limit = 20) => get<{ items: Handover[] | null }>('/handovers', { limit }),
  write: (body: { id: string; text: string; items: HandoverItem[] }) => send<Handover>('/handovers', body),
  take: (id: string) => send<Handover>(`/handovers/${encodeURIComponent(id)}/take`, undefined),
}
