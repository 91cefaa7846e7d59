import { lang, t } from '@/i18n'
import type { Held, Node } from './types'

/** A role's name in the language in force. */
export function roleName(role: Pick<Held, 'zh' | 'en' | 'code'>): string {
  return (lang.value === 'zh' ? role.zh : role.en) || role.code
}

/** Where a role reaches, in words. */
export function reachWords(on: Node): string {
  return on.name || (on.code === '' ? t('office.everywhere') : on.code)
}
