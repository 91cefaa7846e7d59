/** Pieces of work, as the workflow kernel has them. */
import { lang } from '@/i18n'
import { send } from './client'

export interface Text {
  zh: string
  en: string
}

export interface Field {
  name: string
  title: Text
  kind?: string
  choices?: string[] | null
  maxLen?: number
}

/** What can be done with an item now, or why not. */
export interface Offer {
  event: string
  title: Text
  to: string
  toTitle: Text
  required: Field[] | null
  optional: Field[] | null
  may: boolean
  whyNot: Text[] | null
}

export interface Step {
  seq: number
  at: string
  kind: string
  event?: string
  from?: string
  state: string
  actor: string
  name?: string
  why?: string
  level?: number
}

export interface Item {
  machine: string
  id: string
  title: string
  state: string
  stateTitle: Text
  kind: Text
  version: number
  region: string
  org: string
  since: string
  due?: string | null
  level: number
  events: Offer[] | null
  history?: Step[] | null
}

export function words(text: Text | undefined): string {
  return text === undefined ? '' : (lang.value === 'zh' ? text.zh : text.en) || text.zh
}

/** The page of an item's object, and where its events are sent; undefined for a machine without a page. */
export function placeOf(item: Pick<Item, 'machine' | 'id'>): { page: string; path: string } | undefined {
  const bare = item.id.slice(item.id.indexOf(':') + 1)
  if (item.machine === 'identity.app') return { page: `/apps?id=${encodeURIComponent(bare)}`, path: `/apps/${encodeURIComponent(bare)}` }
  return undefined
}

/** Whether it can be done by pressing a button: nothing need be filled in. */
export function isPlain(offer: Offer): boolean {
  return offer.may && (offer.required?.length ?? 0) === 0
}

export function fire(item: Pick<Item, 'machine' | 'id' | 'version'>, event: string, input: Record<string, unknown>, why: string): Promise<unknown> {
  const place = placeOf(item)
  if (!place) throw new Error(`no page for ${item.machine}`)
  return send(`${place.path}/events`, { event, version: item.version, input, why })
}
