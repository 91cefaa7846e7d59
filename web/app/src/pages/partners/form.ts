import type { Partner } from '@/api/partners'
import { t } from '@/i18n'

/** A partner's settings as they are filled in. */
export interface Form {
  id: string
  name: string
  kind: 'webhook' | 'open311'
  url: string
  region: string
  classes: string
  events: string[]
  grade: number
  reports: boolean
  key: string
  jurisdiction: string
}

export function formOf(p?: Partner): Form {
  return {
    id: p?.id ?? '', name: p?.name ?? '', kind: p?.kind === 'open311' ? 'open311' : 'webhook', url: p?.url ?? '', region: p?.region ?? '',
    classes: (p?.classes ?? []).join(', '), events: [...(p?.events ?? [])], grade: p?.grade ?? 1, reports: p?.reports ?? false,
    key: '', jurisdiction: p?.jurisdiction ?? '',
  }
}

/** What the server takes; what the form does not show stays as it was. */
export function bodyOf(f: Form, p?: Partner): Record<string, unknown> {
  return {
    ...(p ? { version: p.version, services: p.services } : { id: f.id.trim(), kind: f.kind }),
    name: f.name.trim(), url: f.url.trim(), region: f.region, grade: f.grade, reports: f.reports, on: p?.on ?? true,
    classes: f.classes.split(/[,，、\s]+/).filter((c) => c !== ''), events: f.events, jurisdiction: f.jurisdiction.trim(),
    ...(f.key.trim() === '' ? {} : { key: f.key.trim() }),
  }
}

const states = ['reported', 'established', 'offered', 'assigned', 'accepted', 'handling', 'delaying', 'suspended', 'external', 'handled', 'closed', 'rejected', 'merged'] as const

/** What a partner may hear of. */
export function events(): { value: string; label: string }[] {
  return [
    ...states.map((s) => ({ value: s as string, label: t(`caseState.${s}`) })),
    { value: 'updated', label: t('caseEvent.updated') },
    { value: 'warning', label: t('caseEvent.warning') },
  ]
}
