import type { Warning, WarningDraft } from '@/api/warnings'

/** A warning as it is filled in. */
export interface Draft {
  event: string
  eventEn: string
  category: string
  colour: string
  urgency: string
  certainty: string
  headline: string
  headlineEn: string
  text: string
  textEn: string
  instruction: string
  instructionEn: string
  regions: string[]
  /** Hours from now. */
  hours: number
  sender: string
  contact: string
  exercise: boolean
  replaces: string
  version: number
}

export const hoursOffered = [1, 3, 6, 12, 24, 48, 72] as const

/** A new draft; of a warning, it as it is, to be changed or to take its place. */
export function draftOf(w?: Warning, replaces = '', now = Date.now()): Draft {
  const left = w ? (Date.parse(w.expires) - now) / 3_600_000 : 6
  return {
    event: w?.event ?? '', eventEn: w?.eventEn ?? '', category: w?.category ?? 'Met', colour: w?.colour ?? 'blue',
    urgency: w?.urgency ?? 'Expected', certainty: w?.certainty ?? 'Likely',
    headline: w?.headline ?? '', headlineEn: w?.headlineEn ?? '', text: w?.text ?? '', textEn: w?.textEn ?? '',
    instruction: w?.instruction ?? '', instructionEn: w?.instructionEn ?? '', regions: [...(w?.regions ?? [''])],
    hours: hoursOffered.find((h) => h >= left - 0.01) ?? 72, sender: w?.sender ?? '', contact: w?.contact ?? '', exercise: w?.exercise ?? false,
    replaces: replaces || (w?.replaces ?? ''), version: replaces ? 0 : (w?.version ?? 0),
  }
}

export function expiryOf(d: Draft, now = Date.now()): string {
  return new Date(now + d.hours * 3_600_000).toISOString()
}

/** What the server takes. */
export function bodyOf(d: Draft, now = Date.now()): WarningDraft {
  const { hours: _hours, regions, ...rest } = d
  return { ...rest, regions: [...new Set(regions.filter((r) => r !== ''))], expires: expiryOf(d, now) } as WarningDraft
}

/** What people expect in a headline, as long as nobody has written another. */
export function headlineOf(d: Draft, colourZh: string): string {
  return d.event === '' ? '' : `发布${d.event}${colourZh}预警`
}
