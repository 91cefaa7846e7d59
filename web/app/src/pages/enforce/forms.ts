import type { Case } from '@/api/cases'

export type Stroke = [x: number, y: number][]
export type Value = string | number | string[] | Stroke[] | undefined

export interface FormField {
  name: string
  zh: string
  en: string
  kind: 'text' | 'area' | 'choice' | 'many' | 'date' | 'moment' | 'number' | 'signature'
  required?: boolean
  choices?: string[]
  open?: boolean
  maxLen?: number
  unit?: string
  from?: string
  hint?: string
}

export interface Template {
  code: string
  version: number
  zh: string
  en: string
  source: string
  sample: boolean
  fields: FormField[]
  oneOf?: string[][] | null
}

export interface Known {
  case: Case
  className: string
  me: string
  org: string
  now: number
  zone: string | undefined
}

/** What a form begins with: what the terminal knows already need not be typed. */
export function begin(template: Template, known: Known, before: Record<string, Value> = {}): Record<string, Value> {
  const out: Record<string, Value> = {}
  for (const field of template.fields) {
    const value = field.from ? knownAs(field.from, known) : undefined
    // What was written into another form of this case is likely the same here.
    const again = field.kind === 'signature' || field.from === 'now' ? undefined : before[field.name]
    const first = value ?? again ?? (field.kind === 'choice' && field.required && field.choices?.length === 1 ? field.choices[0] : undefined)
    if (first !== undefined && first !== '') out[field.name] = first
  }
  return out
}

function knownAs(from: string, k: Known): string | undefined {
  switch (from) {
    case 'case.no': return k.case.no
    case 'case.title': return k.case.title ?? k.className
    case 'case.place': return k.case.address
    case 'case.says': return k.case.description
    case 'me.name': return k.me
    case 'me.org': return k.org
    case 'now': return moment(k.now, k.zone)
    case 'today': return moment(k.now, k.zone).slice(0, 10)
    case 'today+3': return moment(k.now + 3 * 86_400_000, k.zone).slice(0, 10)
    case 'today+7': return moment(k.now + 7 * 86_400_000, k.zone).slice(0, 10)
  }
  return undefined
}

/** "2026-11-24T15:04" in the city's zone. */
export function moment(ms: number, zone: string | undefined): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    ...(zone ? { timeZone: zone } : {}), year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
  }).formatToParts(ms)
  const part = (type: string) => parts.find((p) => p.type === type)?.value ?? ''
  return `${part('year')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}`
}

export function isEmpty(value: Value): boolean {
  return value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
}

/** Fields that must still be filled in, in the order of the form. */
export function missing(template: Template, values: Record<string, Value>): string[] {
  const out = template.fields.filter((f) => f.required && isEmpty(values[f.name])).map((f) => f.name)
  for (const group of template.oneOf ?? []) {
    if (group.every((n) => isEmpty(values[n])) && group[0] !== undefined) out.push(group[0])
  }
  return out
}

/** Only what was filled in. */
export function filled(values: Record<string, Value>): Record<string, Value> {
  return Object.fromEntries(Object.entries(values).filter(([, v]) => !isEmpty(v)))
}

/** A phrase put into a text by a tap, and taken out by the next. */
export function tapped(text: string, phrase: string): string {
  const parts = text.split(/[；;]\s*/).map((p) => p.trim()).filter((p) => p !== '')
  const at = parts.indexOf(phrase)
  if (at >= 0) parts.splice(at, 1)
  else parts.push(phrase)
  return parts.map((p, i) => (i < parts.length - 1 ? p.replace(/[。.，,]$/, '') : p)).join('；')
}

/** Whether a phrase is in a text that taps have made. */
export function holds(text: string, phrase: string): boolean {
  return text.split(/[；;]\s*/).some((p) => p.trim() === phrase)
}
