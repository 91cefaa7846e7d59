import type { components } from '@/api/schema'
import { t } from '@/i18n'

type Schemas = components['schemas']

export type Standing = Schemas['AlarmStanding']
export type Detail = Schemas['RuleDetail']
export type Rule = Schemas['Rule']
export type Trial = Schemas['Trial']
export type Fault = Schemas['Fault']
export type Definition = Schemas['Definition']
export type Kind = Definition['kind']

export const kinds: readonly Kind[] = ['threshold', 'rate', 'silence', 'fence', 'group', 'expression']
export const comparisons = ['>', '>=', '<', '<='] as const
export const placeholders = ['device', 'id', 'kind', 'value', 'unit', 'property', 'limit', 'minutes', 'region', 'time', 'count', 'rule'].map((w) => `{${w}}`)
export const variables = 'value, mean15m, max15m, rate, silent, cell, neighbours, hour, weekday, device.kind, device.id, property, region'

/** What a form holds: a part for each kind, so that changing the kind and back loses nothing. */
export interface Form {
  name: string
  nameEn: string
  note: string
  region: string
  kind: Kind
  of: 'device' | 'unit'
  kinds: string
  ids: string
  property: string
  threshold: { compare: '>' | '>=' | '<' | '<='; limit: string; for: string; until: string; hold: boolean }
  rate: { direction: 'rise' | 'fall' | 'either'; by: string; within: string; until: string }
  silence: { after: string }
  fence: { when: 'enter' | 'leave'; region: string; polygon: string; for: string }
  group: { compare: '>' | '>=' | '<' | '<='; limit: string; count: string; of: string; ring: string; within: string }
  expression: { when: string; until: string; for: string }
  class: string
  severity: number
  text: string
  cool: string
  clear: string
}

const text = (n: number | undefined | null, otherwise = '') => (n === undefined || n === null ? otherwise : String(n))
/** NaN, which the server refuses with a word, where a number was forgotten. */
const number = (s: string, empty = 0) => (s.trim() === '' ? empty : Number(s))
const some = (s: string) => (s.trim() === '' ? {} : { until: Number(s) })
const words = (s: string) => s.split(/[,，\s]+/).filter(Boolean)

export function formOf(d: Definition | undefined, region: string): Form {
  return {
    name: d?.name ?? '', nameEn: d?.nameEn ?? '', note: d?.note ?? '', region: d?.region ?? region, kind: d?.kind ?? 'threshold',
    of: d?.filter.of ?? 'device', kinds: (d?.filter.kinds ?? []).join(', '), ids: (d?.filter.ids ?? []).join(', '), property: d?.filter.property ?? '',
    threshold: { compare: d?.threshold?.compare ?? '>', limit: text(d?.threshold?.limit), for: text(d?.threshold?.for, '0'), until: text(d?.threshold?.until), hold: d?.threshold?.hold ?? false },
    rate: { direction: d?.rate?.direction ?? 'rise', by: text(d?.rate?.by), within: text(d?.rate?.within, '10'), until: text(d?.rate?.until) },
    silence: { after: text(d?.silence?.after, '30') },
    fence: { when: d?.fence?.when ?? 'enter', region: d?.fence?.region ?? '', polygon: linesOf(d?.fence?.polygon ?? []), for: text(d?.fence?.for, '0') },
    group: { compare: d?.group?.compare ?? '>', limit: text(d?.group?.limit), count: text(d?.group?.count, '2'), of: text(d?.group?.of, '0'), ring: text(d?.group?.ring, '2'), within: text(d?.group?.within, '10') },
    expression: { when: d?.expression?.when ?? '', until: d?.expression?.until ?? '', for: text(d?.expression?.for, '0') },
    class: d?.open.class ?? '', severity: d?.open.severity ?? 3, text: d?.open.text ?? '{device} {property} {value} {unit}', cool: text(d?.coolDown, '30'), clear: d?.clear ?? '',
  }
}

/** Rings as lines of "lon lat", with an empty line between them. */
function linesOf(polygon: readonly (readonly (readonly number[])[])[]): string {
  return polygon.map((ring) => ring.map((p) => p.join(' ')).join('\n')).join('\n\n')
}

export function ringsOf(lines: string): number[][][] {
  return lines.trim() === '' ? [] : lines.trim().split(/\n\s*\n/).map((ring) => ring.split('\n').map((l) => l.trim().split(/[\s,，]+/).slice(0, 2).map(Number)))
}

/** What is sent: of the kinds only the one that was chosen. */
export function definitionOf(f: Form): Definition {
  const part = {
    threshold: () => ({ threshold: { compare: f.threshold.compare, limit: number(f.threshold.limit, NaN), for: number(f.threshold.for), hold: f.threshold.hold, ...some(f.threshold.until) } }),
    rate: () => ({ rate: { direction: f.rate.direction, by: number(f.rate.by, NaN), within: number(f.rate.within, NaN), ...some(f.rate.until) } }),
    silence: () => ({ silence: { after: number(f.silence.after, NaN) } }),
    fence: () => ({ fence: { when: f.fence.when, for: number(f.fence.for), ...(f.fence.polygon.trim() ? { polygon: ringsOf(f.fence.polygon) } : { region: f.fence.region }) } }),
    group: () => ({ group: { compare: f.group.compare, limit: number(f.group.limit, NaN), count: number(f.group.count, NaN), of: number(f.group.of), ring: number(f.group.ring), within: number(f.group.within, NaN) } }),
    expression: () => ({ expression: { when: f.expression.when, until: f.expression.until, for: number(f.expression.for) } }),
  }[f.kind]()
  return {
    name: f.name.trim(), nameEn: f.nameEn.trim(), note: f.note, region: f.region, kind: f.kind,
    filter: { of: f.kind === 'fence' ? f.of : 'device', kinds: words(f.kinds), ids: words(f.ids), ...(f.kind === 'fence' || f.property === '' ? {} : { property: f.property }) },
    ...part, open: { class: f.class, severity: f.severity, text: f.text }, coolDown: number(f.cool), clear: f.clear,
  } as Definition
}

const signs: Record<string, string> = { '>=': '≥', '<=': '≤' }
const sign = (compare: string | undefined) => signs[compare ?? ''] ?? compare ?? ''

/** The condition in a line, for a list. */
export function sentence(d: Definition, property: string, unit: string, region: (code: string) => string): string {
  const lasting = (n: number | undefined) => (n ? ` · ${t('alarms.say.for', { n })}` : '')
  switch (d.kind) {
    case 'threshold': return `${property} ${sign(d.threshold?.compare)} ${text(d.threshold?.limit)} ${unit}${lasting(d.threshold?.for)}`
    case 'rate': return `${property} ${t(`alarms.f.${d.rate?.direction ?? 'rise'}`)} ≥ ${text(d.rate?.by)} ${unit} · ${t('alarms.say.within', { n: d.rate?.within ?? 0 })}`
    case 'silence': return t('alarms.say.silence', { n: d.silence?.after ?? 0 })
    case 'fence': return `${t(`alarms.f.${d.fence?.when ?? 'enter'}`)} ${d.fence?.region ? region(d.fence.region) : t('alarms.polygon')}${lasting(d.fence?.for)}`
    case 'group': return `${property} ${sign(d.group?.compare)} ${text(d.group?.limit)} ${unit} · ${t('alarms.say.group', { r: d.group?.ring ?? 0, n: d.group?.within ?? 0, k: d.group?.count ?? 0 })}`
    default: return `${property}: ${d.expression?.when ?? ''}${lasting(d.expression?.for)}`
  }
}

/** A length of time, short. */
export function lasted(seconds: number): string {
  const m = Math.round(seconds / 60)
  return seconds < 60 ? `${String(Math.round(seconds))} s` : m < 120 ? `${String(m)} min` : `${(m / 60).toFixed(1)} h`
}
