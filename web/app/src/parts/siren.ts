/** Two tones, three times: what a red warning sounds like where a room must hear it. */
export function siren(): void {
  if (typeof AudioContext === 'undefined') return
  const audio = new AudioContext()
  const begin = audio.currentTime + 0.05
  const volume = audio.createGain()
  volume.gain.value = 0.18
  volume.connect(audio.destination)
  for (let i = 0; i < 6; i++) {
    const tone = audio.createOscillator()
    const envelope = audio.createGain()
    const at = begin + i * 0.45
    tone.type = 'triangle'
    tone.frequency.value = i % 2 === 0 ? 880 : 660
    envelope.gain.setValueAtTime(0, at)
    envelope.gain.linearRampToValueAtTime(1, at + 0.03)
    envelope.gain.setValueAtTime(1, at + 0.34)
    envelope.gain.linearRampToValueAtTime(0, at + 0.42)
    tone.connect(envelope).connect(volume)
    tone.start(at)
    tone.stop(at + 0.45)
    if (i === 5) tone.onended = () => { void audio.close() }
  }
}

const key = 'onecity-heard-warnings'

/** Those that this window has not sounded for yet; from now on it has. */
export function unheard(ids: readonly string[]): string[] {
  let heard: string[] = []
  try {
    heard = JSON.parse(sessionStorage.getItem(key) ?? '[]') as string[]
  } catch {
    heard = []
  }
  const fresh = ids.filter((id) => !heard.includes(id))
  if (fresh.length > 0) sessionStorage.setItem(key, JSON.stringify([...heard, ...fresh].slice(-100)))
  return fresh
}
