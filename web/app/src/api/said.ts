import { isMessage, lang, t } from '@/i18n'
import type { Lang, Problem, ProblemItem } from '@/live/protocol'

const chinese = /\p{Script=Han}/u

/** The server says most things in both languages, "请先登录 / sign in first": the half that is to be shown. */
export function inLang(text: string, to: Lang): string {
  for (let at = text.indexOf(' / '); at >= 0; at = text.indexOf(' / ', at + 1)) {
    const [left, right] = [text.slice(0, at), text.slice(at + 3)]
    if (chinese.test(left) && !chinese.test(right)) return to === 'zh' ? left : right
  }
  return text
}

/** What somebody may not do, out of "you may not do this: identity.org.view". */
export function missingAction(problem: Problem): string | undefined {
  return problem.status === 403 ? /: ([a-z]+(?:\.[a-z]+)+)$/.exec(problem.detail ?? '')?.[1] : undefined
}

/** A problem in words for a person, in the language in force. */
export function wordsOf(problem: Problem, status: number): string {
  const action = missingAction({ ...problem, status })
  if (action !== undefined) {
    const key = `action.${action}`
    return t('said.mayNot', { what: isMessage(key) ? t(key) : action })
  }
  const main = inLang(problem.detail ?? problem.title ?? `HTTP ${String(status)}`, lang.value)
  const items = (problem.errors ?? []).map(itemWords).filter((w) => w !== '' && w !== main)
  return items.length > 0 ? `${main}${lang.value === 'zh' ? '：' : ': '}${items.join(lang.value === 'zh' ? '；' : '; ')}` : main
}

/** One field's problem: which, and what is wrong with it. */
export function itemWords(item: ProblemItem): string {
  const name = (item.field ?? '').split(/[/.]/).at(-1) ?? ''
  const key = `field.${name}`
  const field = isMessage(key) ? t(key) : ''
  const message = inLang(item.message ?? '', lang.value)
  // Some messages begin with the field's name themselves.
  if (field !== '' && message.toLowerCase().startsWith(field.toLowerCase())) return message
  const gap = lang.value === 'zh' ? '' : ' '
  return [field, message].filter((p) => p !== '').join(gap)
}
