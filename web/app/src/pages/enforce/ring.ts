/** One note of a call: when, how high, how long (s, Hz, s). */
export interface Note {
  at: number
  hertz: number
  long: number
}

/** A call rings two rising pairs, a grave one three quick ones; then it rests. */
export function melody(severity: number): { notes: Note[]; every: number } {
  if (severity <= 2) {
    return { every: 1.2, notes: [0, 0.2, 0.4].flatMap((at) => [{ at, hertz: 988, long: 0.09 }, { at: at + 0.1, hertz: 1319, long: 0.09 }]) }
  }
  return { every: 2.4, notes: [{ at: 0, hertz: 659, long: 0.16 }, { at: 0.18, hertz: 880, long: 0.22 }, { at: 0.55, hertz: 659, long: 0.16 }, { at: 0.73, hertz: 880, long: 0.22 }] }
}

/**
 * The terminal's bell: WebAudio and the vibration motor. A browser lets a page
 * sound only after its person has touched it once: `ready` tells whether.
 */
export class Bell {
  private context: AudioContext | undefined
  private timer: ReturnType<typeof setInterval> | undefined

  get ready(): boolean {
    return this.context?.state === 'running'
  }

  /** To be called in the handler of a touch. */
  async unlock(): Promise<boolean> {
    this.context ??= new AudioContext()
    if (this.context.state === 'suspended') await this.context.resume()
    return this.ready
  }

  get rings(): boolean {
    return this.timer !== undefined
  }

  start(severity: number): void {
    this.stop()
    const { notes, every } = melody(severity)
    const once = () => {
      this.play(notes)
      if ('vibrate' in navigator) navigator.vibrate(severity <= 2 ? [200, 80, 200, 80, 400] : [300, 150, 300])
    }
    once()
    this.timer = setInterval(once, every * 1000)
  }

  stop(): void {
    clearInterval(this.timer)
    this.timer = undefined
    if ('vibrate' in navigator) navigator.vibrate(0)
  }

  /** For a page that goes. */
  close(): void {
    this.stop()
    void this.context?.close()
    this.context = undefined
  }

  private play(notes: readonly Note[]): void {
    const context = this.context
    if (context?.state !== 'running') return
    for (const note of notes) {
      const start = context.currentTime + note.at
      const tone = context.createOscillator()
      const loud = context.createGain()
      tone.type = 'triangle'
      tone.frequency.value = note.hertz
      // A sudden end clicks.
      loud.gain.setValueAtTime(0, start)
      loud.gain.linearRampToValueAtTime(0.6, start + 0.012)
      loud.gain.setValueAtTime(0.6, start + note.long - 0.03)
      loud.gain.linearRampToValueAtTime(0, start + note.long)
      tone.connect(loud).connect(context.destination)
      tone.start(start)
      tone.stop(start + note.long)
    }
  }
}
