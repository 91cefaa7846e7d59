import type { Problem } from '@/live/protocol'
import { wordsOf } from './said'

/** The server said no, and why (RFC 9457). */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
    /** Seconds until it is worth trying again, when the server says so. */
    readonly retryAfter?: number,
  ) {
    super(problem.detail ?? problem.title ?? `HTTP ${String(status)}`)
    this.name = 'Refused'
  }
}

export type Query = Record<string, string | number | undefined>

/**
 * A chart in another site's frame has no cookie: it shows who it is by
 * `?api_key=`, and so do its questions. Other pages never do.
 */
export const apiKey: string | undefined = location.pathname.startsWith('/embed/')
  ? (new URLSearchParams(location.search).get('api_key') ?? undefined)
  : undefined

/** The address of something below /api/v1. */
export function address(path: string, query: Query = {}): string {
  const asked: Query = { ...query, api_key: apiKey }
  const given = Object.entries(asked).filter((e): e is [string, string | number] => e[1] !== undefined && e[1] !== '')
  const search = new URLSearchParams(given.map(([k, v]) => [k, String(v)])).toString()
  return '/api/v1' + path + (search ? '?' + search : '')
}

let signedOut: () => void = () => undefined

/** Calls fn whenever the server no longer knows who asks. */
export function onSignedOut(fn: () => void): void {
  signedOut = fn
}

/** Where a 401 is about what was typed, not about the session. */
const proving = /^\/api\/v1\/(sign-in|me\/(password|totp|passkeys))/

async function ask<T>(path: string, init: RequestInit): Promise<T> {
  const response = await fetch(path, { ...init, headers: { Accept: 'application/json', ...init.headers } })
  if (!response.ok) {
    const problem = (await response.json().catch(() => ({}))) as Problem
    if (response.status === 401 && !proving.test(path)) signedOut()
    const after = Number(response.headers.get('Retry-After') ?? NaN)
    throw new Refused(response.status, problem, Number.isFinite(after) ? after : undefined)
  }
  const text = response.status === 204 ? '' : await response.text()
  return (text === '' ? undefined : JSON.parse(text)) as T
}

/** GET below /api/v1. */
export function get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  return ask<T>(address(path, query), signal ? { signal } : {})
}

/** POST (or another method) of JSON, or of a form, below /api/v1. */
export function send<T>(path: string, body: unknown, method = 'POST', query: Query = {}): Promise<T> {
  const form = body instanceof FormData
  return ask<T>(address(path, query), {
    method,
    body: body === undefined ? null : form ? body : typeof body === 'string' ? body : JSON.stringify(body),
    ...(form || body === undefined ? {} : { headers: { 'Content-Type': 'application/json' } }),
  })
}

/** What to tell a person about an error. */
export function why(error: unknown): string {
  if (error instanceof Refused) return wordsOf(error.problem, error.status)
  return error instanceof Error ? error.message : String(error)
}
