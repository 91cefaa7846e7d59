/** Which key does what at the desk. Pure: the page carries it out. */
import type { MessageKey } from '@/i18n/messages'

export type Act =
  | { do: 'step'; by: number }
  | { do: 'edge'; to: 'first' | 'last' }
  | { do: 'main' | 'search' | 'help' | 'escape' | 'follow' | 'merge' | 'split' | 'note' | 'urge' | 'call' | 'acknowledge' | 'shift' | 'wall' | 'sound' | 'locate' | 'mine' | 'late' }
  | { do: 'pick'; nth: number }
  | { do: 'event'; event: string }
  | { do: 'tab'; by: number }

/** Letters that fire an event of the machine. The keys are said on the buttons. */
export const eventKeys: Readonly<Record<string, string>> = {
  e: 'establish', r: 'reject', h: 'hand-over', t: 'take-back', c: 'close', w: 'rework', s: 'suspend', z: 'resume', g: 'grant-delay', G: 'refuse-delay', a: 'assign',
}

const plain: Readonly<Record<string, Act>> = {
  j: { do: 'step', by: 1 }, ArrowDown: { do: 'step', by: 1 }, k: { do: 'step', by: -1 }, ArrowUp: { do: 'step', by: -1 },
  PageDown: { do: 'step', by: 10 }, PageUp: { do: 'step', by: -10 }, Home: { do: 'edge', to: 'first' }, End: { do: 'edge', to: 'last' },
  '[': { do: 'tab', by: -1 }, ']': { do: 'tab', by: 1 },
  Enter: { do: 'main' }, Escape: { do: 'escape' }, '/': { do: 'search' }, '?': { do: 'help' },
  m: { do: 'merge' }, x: { do: 'split' }, f: { do: 'follow' }, l: { do: 'locate' }, n: { do: 'note' }, u: { do: 'urge' }, o: { do: 'call' },
  ' ': { do: 'acknowledge' }, b: { do: 'shift' }, W: { do: 'wall' }, M: { do: 'sound' }, i: { do: 'mine' }, d: { do: 'late' },
}

/** Keys that do something again and again while they are held down. */
const repeats = new Set(['step'])

export interface Pressed {
  key: string
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
  repeat: boolean
}

/**
 * What a key means; null: nothing. `typing`: in a field, where only Escape is
 * ours. `pressing`: on a button or a link, whose Enter and space are its own.
 */
export function actOf(event: Pressed, where: { typing: boolean; pressing: boolean }): Act | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null
  if (where.typing) return event.key === 'Escape' ? { do: 'escape' } : null
  if (where.pressing && (event.key === 'Enter' || event.key === ' ')) return null
  const act = actOfKey(event.key)
  // A key that stays down must not send ten units.
  if (act !== null && event.repeat && !repeats.has(act.do)) return null
  return act
}

function actOfKey(key: string): Act | null {
  const fires = Object.hasOwn(eventKeys, key) ? eventKeys[key] : undefined
  if (fires !== undefined) return { do: 'event', event: fires }
  if (/^[1-9]$/.test(key)) return { do: 'pick', nth: Number(key) - 1 }
  return Object.hasOwn(plain, key) ? (plain[key] ?? null) : null
}

/** The key of an event, to be shown on its button. */
export function keyOfEvent(event: string): string | undefined {
  if (event === 'offer') return 'O'
  if (event === 'merge') return 'M'
  const key = Object.entries(eventKeys).find(([, e]) => e === event)?.[0]
  return key === 'G' ? '⇧G' : key?.toUpperCase()
}

/** What the help sheet says, in groups. */
export const sheet: readonly { title: MessageKey; keys: readonly (readonly [key: string, text: MessageKey])[] }[] = [
  { title: 'command.help.queue', keys: [
    ['J K ↑ ↓', 'command.key.step'], ['[ ]', 'command.key.tab'], ['/', 'command.key.search'], ['D', 'command.key.late'], ['I', 'command.key.mine'], ['Esc', 'command.key.escape'],
  ] },
  { title: 'command.help.send', keys: [
    ['Enter', 'command.key.main'], ['1 – 9', 'command.key.pick'], ['O', 'command.key.call'], ['F', 'command.key.follow'], ['L', 'command.key.locate'], ['Space', 'command.key.acknowledge'],
  ] },
  { title: 'command.help.case', keys: [
    ['E', 'event.establish'], ['R', 'event.reject'], ['A', 'event.assign'], ['M', 'command.key.merge'], ['X', 'command.key.split'], ['H', 'event.hand-over'], ['T', 'event.take-back'],
    ['C', 'event.close'], ['W', 'event.rework'], ['S', 'event.suspend'], ['Z', 'event.resume'], ['G ⇧G', 'command.key.delay'], ['U', 'command.key.urge'], ['N', 'command.key.note'],
  ] },
  { title: 'command.help.desk', keys: [
    ['⇧W', 'command.key.wall'], ['⇧M', 'command.key.sound'], ['B', 'command.key.shift'], ['?', 'command.key.help'],
  ] },
]
