import { computed, inject, shallowReactive, type ComputedRef, type InjectionKey } from 'vue'
import { named, t } from '@/i18n'
import { setCityZone } from '@/i18n/zone'
import { get } from './client'
import type { City, IncidentClass, Property, Region } from './types'

/** What hardly ever changes: profile, districts, registers. */
export interface Facts {
  city: City | null
  districts: Region[]
  properties: Property[]
  classes: Map<string, IncidentClass>
}

export interface CityFacts {
  readonly facts: Facts
  readonly name: ComputedRef<string>
  district(code: string | undefined): Region | undefined
  className(code: string): string
  /** What an incident is called: its class, unless somebody gave it a title of its own. */
  incidentName(incident: { class: string; title?: string | undefined }): string
  property(id: string): Property | undefined
  propertyName(id: string): string
}

/** main.ts provides a way to it that asks the server once, at its first use. */
export const cityKey: InjectionKey<() => CityFacts> = Symbol('city')

export function useCity(): CityFacts {
  const city = inject(cityKey)
  if (!city) throw new Error('no city was provided to this page')
  return city()
}

/** Asks until the server answers: it may still be starting. */
async function until<T>(question: () => Promise<T>): Promise<T> {
  for (let wait = 500; ; wait = Math.min(wait * 2, 5000)) {
    try {
      return await question()
    } catch {
      await new Promise((done) => setTimeout(done, wait))
    }
  }
}

export function onceCity(): () => CityFacts {
  let city: CityFacts | undefined
  return () => (city ??= loadCity())
}

function loadCity(): CityFacts {
  const facts: Facts = shallowReactive({ city: null, districts: [], properties: [], classes: new Map() })

  const load = async () => {
    const city = await until(() => get<City>('/city'))
    facts.city = city
    setCityZone(city.timeZone)
    document.title = `${named(city)} · ${t('app.slogan')}`
    const [regions, properties, classes] = await Promise.all([
      until(() => get<{ regions: Region[] | null }>('/regions', { parent: city.code })),
      until(() => get<{ properties: Property[] | null }>('/properties')),
      until(() => get<{ classes: IncidentClass[] | null }>('/incident-classes')),
    ])
    facts.districts = (regions.regions ?? []).toSorted((a, b) => (a.code < b.code ? -1 : 1))
    facts.properties = properties.properties ?? []
    facts.classes = new Map((classes.classes ?? []).map((c) => [c.code, c]))
  }
  void load()

  const districts = computed(() => new Map(facts.districts.map((d) => [d.code, d])))
  const properties = computed(() => new Map(facts.properties.map((p) => [p.id, p])))
  return {
    facts,
    name: computed(() => (facts.city ? named(facts.city) : '')),
    // A code's prefix is its parent's: 9 digits name the district of any deeper region.
    district: (code) => (code ? (districts.value.get(code) ?? districts.value.get(code.slice(0, 9))) : undefined),
    className(code) {
      const found = facts.classes.get(code)
      return found ? named(found) : code
    },
    incidentName(incident) {
      const found = facts.classes.get(incident.class)
      const own = incident.title && incident.title !== found?.name && incident.title !== found?.nameEn
      return own ? (incident.title ?? '') : this.className(incident.class)
    },
    property: (id) => properties.value.get(id),
    propertyName(id) {
      const found = properties.value.get(id)
      return found ? named(found) : id
    },
  }
}
