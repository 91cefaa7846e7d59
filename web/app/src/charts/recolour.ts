import type { Token, Tokens } from '@/design/tokens'
import type { Option } from './dress'

/**
 * Puts one theme's colours in the place of another's, wherever they stand in
 * an option: one live view serves dark and light screens alike, so the server
 * draws in the dark theme.
 */
export function recolour(option: Option, from: Tokens, to: Tokens): Option {
  const table = new Map((Object.keys(from) as Token[]).filter((t) => from[t].startsWith('#')).map((t) => [from[t].toLowerCase(), to[t]]))
  const change = (value: unknown): unknown => {
    if (typeof value === 'string') return table.get(value.toLowerCase()) ?? value
    if (Array.isArray(value)) return value.map(change)
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, change(v)]))
    }
    return value
  }
  return change(option) as Option
}
