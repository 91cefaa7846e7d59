import { lang, named, t, word } from '@/i18n'
import { span } from '@/i18n/format'
import type { Case, CaseClass } from '@/field/types'

/** How the clock of a task stands. */
export function clockOf(c: Pick<Case, 'due' | 'final'>, now: number): { text: string; late: boolean; soon: boolean } {
  const times = [c.due, c.final].filter((x): x is string => !!x).map((x) => Date.parse(x))
  if (times.length === 0) return { text: t('field.noDue'), late: false, soon: false }
  const left = Math.min(...times) - now
  const text = Math.abs(left) < 10 * 60_000 ? exact(Math.abs(left)) : span(Math.abs(left) / 60_000)
  return { text: t(left < 0 ? 'field.over' : 'field.left', { t: text }), late: left < 0, soon: left >= 0 && left < 10 * 60_000 }
}

/** Minutes and seconds, where each counts. */
function exact(ms: number): string {
  const s = Math.floor(ms / 1000)
  return `${String(Math.floor(s / 60))}:${String(s % 60).padStart(2, '0')}`
}

export function nameOf(c: { class: string; title?: string }, classes: readonly CaseClass[]): string {
  const found = classes.find((x) => x.code === c.class)
  if (c.title && c.title !== found?.name) return c.title
  return found ? named(found) : (c.title ?? c.class)
}

export const stateWord = (state: string): string => word('caseState', state)
export const eventWord = (event: string): string => word('caseEvent', event)

/** What is usually said, to be tapped. */
export function quick(list: string): string[] {
  return list.split('|')
}

export const inLanguage = (text: { zh: string; en: string }): string => (lang.value === 'en' ? text.en : text.zh)
