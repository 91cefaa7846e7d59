import { shallowRef, type ShallowRef } from 'vue'
import type { Frame, LayerName, Things, Widget } from './protocol'

export const layerNames = ['cells', 'devices', 'units', 'incidents'] as const satisfies LayerName[]

/** The name of a thing within its layer. */
export const idOf: { [L in LayerName]: (thing: Things[L]) => string } = {
  cells: (c) => c.cell,
  devices: (d) => d.id,
  units: (u) => u.id,
  incidents: (i) => i.id,
}

/** What one frame changed, for readers that draw only what is new. */
export interface Delta {
  /** All that was known before is void. */
  reset: boolean
  time: string
  changed: { [L in LayerName]: readonly string[] }
  gone: { [L in LayerName]: readonly string[] }
  widgets: readonly string[]
}

type Maps = { [L in LayerName]: Map<string, Things[L]> }

const noMaps = (): Maps => ({ cells: new Map(), devices: new Map(), units: new Map(), incidents: new Map() })
const noIds = (): { [L in LayerName]: string[] } => ({ cells: [], devices: [], units: [], incidents: [] })

/**
 * The newest state of everything in one view: the sum of its frames. The maps
 * are plain; a reader inside an effect asks through the methods and is run
 * again once per frame that touched that layer, however many things it held.
 */
export class Picture {
  private readonly maps = noMaps()
  private readonly board = new Map<string, Widget>()
  private readonly touched: { [L in LayerName | 'widgets']: ShallowRef<number> } = {
    cells: shallowRef(0),
    devices: shallowRef(0),
    units: shallowRef(0),
    incidents: shallowRef(0),
    widgets: shallowRef(0),
  }
  /** The city's time in the newest frame; empty before the first. */
  readonly time = shallowRef('')

  layer<L extends LayerName>(layer: L): ReadonlyMap<string, Things[L]> {
    void this.touched[layer].value
    return this.maps[layer]
  }

  /** Without being run again when it changes: for drawing loops. */
  peek<L extends LayerName>(layer: L): ReadonlyMap<string, Things[L]> {
    return this.maps[layer]
  }

  widgets(): ReadonlyMap<string, Widget> {
    void this.touched.widgets.value
    return this.board
  }

  /** Takes a frame in and tells what it changed. */
  apply(frame: Frame): Delta {
    const reset = frame.reset === true
    const changed = noIds()
    const gone = noIds()
    for (const layer of layerNames) {
      const before = this.maps[layer].size
      if (reset) this.maps[layer].clear()
      this.put(layer, frame, changed[layer])
      for (const id of frame.gone?.[layer] ?? []) {
        if (this.maps[layer].delete(id)) gone[layer].push(id)
      }
      if (changed[layer].length || gone[layer].length || (reset && before > 0)) this.touch(layer)
    }
    if (reset) this.board.clear()
    for (const [name, widget] of Object.entries(frame.widgets ?? {})) this.board.set(name, widget)
    if (reset || frame.widgets) this.touch('widgets')
    this.time.value = frame.time
    return { reset, time: frame.time, changed, gone, widgets: Object.keys(frame.widgets ?? {}) }
  }

  /** The whole picture as one delta, for a reader that comes late. */
  whole(): Delta {
    const changed = noIds()
    for (const layer of layerNames) changed[layer] = [...this.maps[layer].keys()]
    return { reset: true, time: this.time.value, changed, gone: noIds(), widgets: [...this.board.keys()] }
  }

  private put<L extends LayerName>(layer: L, frame: Frame, changed: string[]): void {
    const things = (frame[layer] ?? []) as Things[L][]
    for (const thing of things) {
      const id = idOf[layer](thing)
      this.maps[layer].set(id, thing)
      changed.push(id)
    }
  }

  private touch(what: LayerName | 'widgets'): void {
    this.touched[what].value++
  }
}
