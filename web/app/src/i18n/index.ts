import { readonly, ref } from 'vue'
import { keep, kept } from '@/design/kept'
import type { Lang } from '@/live/protocol'
import { messages, type MessageKey } from './messages'

const asked = new URLSearchParams(location.search).get('lang')
const state = ref<Lang>((asked ?? kept('lang')) === 'en' ? 'en' : 'zh')

function show(lang: Lang): void {
  document.documentElement.lang = lang === 'zh' ? 'zh-CN' : 'en'
}
show(state.value)

/** The language in force: `?lang=`, else what was chosen here before, else Chinese. */
export const lang = readonly(state)

export function setLang(next: Lang): void {
  keep('lang', next)
  show(next)
  state.value = next
}

export function isMessage(key: string): key is MessageKey {
  return key in messages
}

/** The message in the language in force, with {names} filled in. */
export function t(key: MessageKey, values: Record<string, string | number> = {}): string {
  const text = messages[key][state.value === 'zh' ? 0 : 1]
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}

/** A message under a prefix, or the bare code where there is none for it. */
export function word(prefix: string, code: string | undefined): string {
  if (code === undefined || code === '') return '—'
  const key = `${prefix}.${code}`
  return isMessage(key) ? t(key) : code
}

/** The name of a thing that has two. */
export function named(thing: { name: string; nameEn?: string | undefined }): string {
  return state.value === 'en' && thing.nameEn ? thing.nameEn : thing.name
}
