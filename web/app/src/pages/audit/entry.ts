import { isMessage, t } from '@/i18n'

export interface Entry {
  id: string
  at: string
  actor: string
  name?: string
  from?: string
  session?: string
  action: string
  object?: string
  /** What the object is called, if it is a person or an organisation. */
  object_name?: string
  region?: string
  org?: string
  why?: string
  outcome: string
  before?: string
  after?: string
  detail?: unknown
  /** Its leaf's; −1 while it is not sealed. */
  number: number
  erased?: boolean
}

/** An action of the log in words; there are more than those that rights are about. */
export function actionWords(action: string): string {
  for (const prefix of ['logged', 'action']) {
    const key = `${prefix}.${action}`
    if (isMessage(key)) return t(key)
  }
  return action
}

/** Who did it, by name where they have one. */
export function nameOf(entry: Pick<Entry, 'actor' | 'name'>): string {
  return entry.actor === 'system' ? t('subject.system') : entry.name || entry.actor
}
