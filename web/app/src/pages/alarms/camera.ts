import type { components } from '@/api/schema'

type Schemas = components['schemas']

/** A video platform 视频平台 whose cameras report, and what its kinds of events mean here. */
export type Platform = Schemas['Settings']
export type Meaning = Schemas['Meaning']

/** A line of the mapping in a form; the confidence in percent. */
export interface Line {
  kind: string
  class: string
  severity: number
  percent: string
  text: string
}

export interface Form {
  partner: string
  name: string
  region: string
  lines: Line[]
}

/** A tenth of a percent at the finest: 0.29 is 29, and not 28.999999999999996. */
export const percentOf = (confidence: number) => String(Math.round(confidence * 1000) / 10)

export const newLine = (): Line => ({ kind: '', class: '', severity: 3, percent: '80', text: '' })

export function formOf(p: Platform | undefined, region: string): Form {
  return {
    partner: p?.partner ?? '', name: p?.name ?? '', region: p?.region ?? region,
    lines: p ? p.kinds.map((m) => ({ kind: m.kind, class: m.class, severity: m.severity, percent: percentOf(m.confidence), text: m.text ?? '' })) : [newLine()],
  }
}

/** What is sent; a line in which nothing was written is left out. */
export function settingsOf(f: Form, old: Platform | undefined): Platform {
  return {
    partner: f.partner.trim(), name: f.name.trim(), region: f.region, on: old?.on ?? true, keyed: old?.keyed ?? false,
    kinds: f.lines.filter((l) => l.kind.trim() !== '' || l.class !== '').map((l) => ({
      kind: l.kind.trim(), class: l.class, severity: l.severity, confidence: l.percent.trim() === '' ? 1 : Number(l.percent) / 100,
      ...(l.text.trim() ? { text: l.text.trim() } : {}),
    })),
    ...(old?.version ? { version: old.version } : {}),
  }
}

export const hookOf = (partner: string) => `${location.origin}/hooks/camera/${encodeURIComponent(partner)}`

/** An event as the platform is to send it. */
export function exampleOf(p: Platform): string {
  return JSON.stringify({
    id: '20260501-000123', time: '2026-05-01T12:00:00+08:00', camera: 'cam-001', kind: p.kinds[0]?.kind ?? 'street-vending', confidence: 0.93, lon: 120.953, lat: 31.382,
    picture: 'data:image/jpeg;base64,…',
  }, undefined, 2)
}
