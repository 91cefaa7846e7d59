import { ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { paceFor, settled, worthKeeping, type Battery, type Pace } from './motion'
import type { Place, Position } from './types'

interface BatteryManager extends EventTarget, Battery {}

/**
 * Follows where the phone is: closely while it moves, seldom while it stands
 * still, less on a low battery. A browser tells nothing while its screen is off;
 * staying awake is asked for, never taken.
 */
export class Tracker {
  /** Where the phone is; null before it is known. */
  readonly here: Readonly<ShallowRef<Place | null>>
  /** Why it is not known. */
  readonly trouble: Readonly<Ref<'' | 'denied' | 'unavailable'>>
  readonly battery: Readonly<ShallowRef<Battery | undefined>>
  readonly awake: Readonly<Ref<boolean>>
  private readonly placed = shallowRef<Place | null>(null)
  private readonly troubled = ref<'' | 'denied' | 'unavailable'>('')
  private readonly charge = shallowRef<Battery>()
  private readonly lit = ref(false)
  private watching: number | undefined
  private timer: ReturnType<typeof setTimeout> | undefined
  private last: Position | undefined
  private moved = 0
  private keeper: ((p: Position) => void) | undefined
  private lock: WakeLockSentinel | undefined

  constructor() {
    // Not readonly(): its proxies cannot be kept in IndexedDB.
    this.here = this.placed
    this.trouble = this.troubled
    this.battery = this.charge
    this.awake = this.lit
    void this.feelBattery()
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) return
      if (this.keeper) this.follow()
      if (this.lit.value) void this.stayAwake(true)
    })
  }

  get pace(): Pace {
    return paceFor(this.charge.value)
  }

  /** Gives each position worth keeping to fn, until stop. */
  start(fn: (p: Position) => void): void {
    this.keeper = fn
    this.follow()
  }

  stop(): void {
    this.keeper = undefined
    this.rest()
    void this.stayAwake(false)
  }

  /** Looks once: for a report, or the distance of tasks. */
  look(): Promise<Place | null> {
    return new Promise((done) => {
      if (!('geolocation' in navigator)) {
        this.troubled.value = 'unavailable'
        done(this.placed.value)
        return
      }
      navigator.geolocation.getCurrentPosition(
        (p) => { this.take(p); done(this.placed.value) },
        (e) => { this.fail(e); done(this.placed.value) },
        { enableHighAccuracy: true, maximumAge: 10_000, timeout: 15_000 },
      )
    })
  }

  async stayAwake(on: boolean): Promise<void> {
    this.lit.value = on && 'wakeLock' in navigator
    try {
      if (on) this.lock = await navigator.wakeLock.request('screen')
      else await this.lock?.release()
    } catch {
      this.lit.value = false // a low battery refuses
    }
  }

  private follow(): void {
    this.rest()
    if (!('geolocation' in navigator)) {
      this.troubled.value = 'unavailable'
      return
    }
    this.moved = Date.now()
    this.watching = navigator.geolocation.watchPosition(
      (p) => { this.take(p) }, (e) => { this.fail(e) },
      { enableHighAccuracy: this.pace.precise, maximumAge: 5000, timeout: 60_000 },
    )
  }

  private rest(): void {
    if (this.watching !== undefined) navigator.geolocation.clearWatch(this.watching)
    if (this.timer !== undefined) clearTimeout(this.timer)
    this.watching = this.timer = undefined
  }

  /** Standing still, a look now and then will do. */
  private peek(): void {
    this.rest()
    this.timer = setTimeout(() => {
      navigator.geolocation.getCurrentPosition(
        (p) => {
          if (this.take(p)) this.follow()
          else this.peek()
        },
        (e) => { this.fail(e); this.peek() },
        { enableHighAccuracy: false, maximumAge: 0, timeout: 30_000 },
      )
    }, this.pace.still)
  }

  private take(p: GeolocationPosition): boolean {
    const { longitude: lon, latitude: lat, accuracy, speed, heading } = p.coords
    this.troubled.value = ''
    this.placed.value = { lon, lat, accuracy }
    const now: Position = { time: new Date(p.timestamp || Date.now()).toISOString(), lon, lat, accuracy: Math.round(accuracy) }
    if (speed !== null && Number.isFinite(speed) && speed >= 0) now.speed = Math.min(120, speed)
    if (heading !== null && Number.isFinite(heading)) now.heading = heading
    if (!this.keeper) return false
    if (!worthKeeping(this.last, now, this.pace)) {
      if (this.watching !== undefined && Date.now() - this.moved > settled) this.peek()
      return false
    }
    this.last = now
    this.moved = Date.now()
    this.keeper(now)
    return true
  }

  private fail(e: GeolocationPositionError): void {
    this.troubled.value = e.code === e.PERMISSION_DENIED ? 'denied' : 'unavailable'
  }

  private async feelBattery(): Promise<void> {
    const ask = (navigator as { getBattery?: () => Promise<BatteryManager> }).getBattery
    if (!ask) return
    try {
      const battery = await ask.call(navigator)
      const feel = () => { this.charge.value = { level: battery.level, charging: battery.charging } }
      feel()
      battery.addEventListener('levelchange', feel)
      battery.addEventListener('chargingchange', feel)
    } catch {
      // Not here.
    }
  }
}
