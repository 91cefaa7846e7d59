/** What the terminal asks of the server, beside the cases themselves (docs/api). */
import type { LineString } from 'geojson'
import type { Case, CaseFull, Proof } from '@/api/cases'
import { get, send } from '@/api/client'
import type { Template, Value } from './forms'

export interface Duty {
  on: boolean
  unit?: string
  unitName?: string
  kind?: string
  since?: string
  grids: string[] | null
}

export interface Way {
  metres: number
  seconds: number
  geometry: LineString
  steps: { text: string; textEn: string; metres: number; at?: [number, number] }[] | null
}

export interface Fault {
  code: string
  zh: string
  en: string
}

export interface Evidence {
  whole: boolean
  head: string
  links: { seq: number; proof: string; phase: string; sha256: string; hash: string; faults: Fault[] | null }[] | null
  others: (Fault & { proof?: string })[] | null
  checked: string
}

export type MyCase = Case & { metres?: number }

const at = (id: string) => `/cases/${encodeURIComponent(id)}`

export const api = {
  duty: () => get<Duty>('/me/duty'),
  setDuty: (on: boolean) => send<Duty>('/me/duty', { on, sentAt: new Date().toISOString() }, 'PUT'),
  mine: (place?: { lon: number; lat: number }) => get<{ items: MyCase[] | null }>('/me/cases', place ? { lon: place.lon, lat: place.lat } : {}),
  nearby: (id: string) => get<{ items: Case[] | null }>(`${at(id)}/nearby`, { months: 12 }),
  way: (from: [number, number], to: [number, number]) => get<Way>('/route', { from: from.join(','), to: to.join(',') }),
  templates: () => get<{ templates: Template[] | null }>('/form-templates'),
  fill: (id: string, body: Filling) => send<Proof>(`${at(id)}/forms`, body),
  formAddress: (id: string, proof: string) => `/api/v1${at(id)}/forms/${encodeURIComponent(proof)}`,
  evidence: (id: string) => get<Evidence>(`${at(id)}/evidence`),
}

export interface Filling {
  id: string
  template: string
  values: Record<string, Value>
  filledAt: string
  sentAt?: string
  lon?: number
  lat?: number
  accuracy?: number
}

export type { CaseFull }
