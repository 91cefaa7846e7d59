import type { Device, Incident, Unit } from '@/live/protocol'
import type { Picked } from '@/map/CityMap.vue'

export interface Found extends Picked {
  name: string
  lon: number
  lat: number
}

export interface Haystack {
  incidents: ReadonlyMap<string, Incident>
  units: ReadonlyMap<string, Unit>
  devices: ReadonlyMap<string, Device>
}

/** Things whose name or number holds the words, those that begin with them first. */
export function find(words: string, { incidents, units, devices }: Haystack, most: number): Found[] {
  const needle = words.trim().toLowerCase()
  if (needle === '') return []
  const found: Found[] = []
  const look = (kind: Found['kind'], things: Iterable<{ id: string; name?: string; title?: string; lon: number; lat: number }>) => {
    for (const thing of things) {
      const name = thing.name ?? thing.title ?? thing.id
      if (name.toLowerCase().includes(needle) || thing.id.toLowerCase().includes(needle)) {
        found.push({ kind, id: thing.id, name, lon: thing.lon, lat: thing.lat })
      }
    }
  }
  look('incident', incidents.values())
  look('unit', units.values())
  look('device', devices.values())
  const begins = (f: Found) => Number(f.name.toLowerCase().startsWith(needle) || f.id.toLowerCase().startsWith(needle))
  return found.sort((a, b) => begins(b) - begins(a)).slice(0, most)
}
