import { computed, onScopeDispose, ref, shallowReactive, type ComputedRef, type Ref } from 'vue'
import { isOver, type Case } from '@/api/cases'
import { keep, kept } from '@/design/kept'
import type { Queue } from './useQueue'

/** A chime: two falling tones, twice; nothing is loaded. */
export function chime(audio: AudioContext): void {
  const begin = audio.currentTime + 0.02
  for (const [i, hertz] of [880, 659.25, 880, 659.25].entries()) {
    const at = begin + i * 0.22
    const tone = audio.createOscillator()
    const loud = audio.createGain()
    tone.type = 'triangle'
    tone.frequency.value = hertz
    loud.gain.setValueAtTime(0, at)
    loud.gain.linearRampToValueAtTime(0.28, at + 0.015)
    loud.gain.exponentialRampToValueAtTime(0.001, at + 0.2)
    tone.connect(loud).connect(audio.destination)
    tone.start(at)
    tone.stop(at + 0.21)
  }
}

export interface Alarm {
  /** Grave cases that nobody here has acknowledged, oldest first. */
  waiting: ComputedRef<Case[]>
  sound: Ref<boolean>
  /** Must be called by a click or a key: browsers let no page sound before. */
  switchSound: () => void
  acknowledge: (id?: string) => void
  /** How often it has rung, for whoever looks from outside. */
  rung: Ref<number>
}

/** Sound and flash for cases of the gravest class 特别重大; the rest comes in quietly. */
export function useAlarm(queue: Queue): Alarm {
  const open = shallowReactive(new Set<string>())
  const sound = ref(false)
  const rung = ref(0)
  let audio: AudioContext | undefined

  const ring = () => {
    if (!sound.value || !audio) return
    rung.value++
    void audio.resume().then(() => { if (audio) chime(audio) })
  }
  const start = () => {
    audio ??= typeof AudioContext === 'undefined' ? undefined : new AudioContext()
    sound.value = audio !== undefined
  }
  // Who wanted sound wants it the next day too; the first key or click starts it.
  const first = () => {
    window.removeEventListener('pointerdown', first)
    window.removeEventListener('keydown', first)
    if (kept('sound') === 'on') start()
  }
  window.addEventListener('pointerdown', first)
  window.addEventListener('keydown', first)

  queue.onNew((c) => {
    if (c.severity !== 1) return
    open.add(c.id)
    ring()
  })
  onScopeDispose(() => {
    window.removeEventListener('pointerdown', first)
    window.removeEventListener('keydown', first)
    void audio?.close()
  })

  return {
    waiting: computed(() => [...open].map((id) => queue.get(id)).filter((c): c is Case => c !== undefined && !isOver(c))),
    sound, rung,
    switchSound: () => {
      if (sound.value) sound.value = false
      else {
        start()
        if (audio) void audio.resume().then(() => { if (audio) chime(audio) })
      }
      keep('sound', sound.value ? 'on' : 'off')
    },
    acknowledge: (id) => {
      if (id !== undefined) open.delete(id)
      else open.clear()
    },
  }
}
