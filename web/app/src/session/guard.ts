import type { Me } from './types'

/** What a page asks of who wants to see it. */
export interface Needs {
  /** Served to everybody. */
  open?: boolean | undefined
  /** One of these must be among what the person may do; none: anybody who is signed in. */
  any?: readonly string[] | undefined
}

export type Verdict = { go: 'in' } | { go: 'sign-in' } | { go: 'missing'; actions: readonly string[] }

/** Whether a page may be shown, or what leads to it. */
export function verdict(needs: Needs, me: Me | null): Verdict {
  if (needs.open) return { go: 'in' }
  if (me === null || me.next !== 'done') return { go: 'sign-in' }
  if (!needs.any || needs.any.length === 0 || needs.any.some((a) => me.actions.includes(a))) return { go: 'in' }
  return { go: 'missing', actions: needs.any }
}

/**
 * Where to go after the sign-in: the page that was asked for, but never one of
 * another site, nor the sign-in again.
 */
export function safeNext(asked: unknown, otherwise = '/desk'): string {
  if (typeof asked !== 'string' || !asked.startsWith('/')) return otherwise
  let url: URL
  try {
    url = new URL(asked, 'http://here.invalid')
  } catch {
    return otherwise
  }
  if (url.host !== 'here.invalid' || url.pathname.startsWith('//') || url.pathname === '/sign-in') return otherwise
  return url.pathname + url.search + url.hash
}
