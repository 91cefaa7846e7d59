import type { Problem } from '@/live/protocol'

/** The server said no, and why (RFC 9457). */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
  ) {
    super(problem.detail ?? problem.title ?? `HTTP ${String(status)}`)
    this.name = 'Refused'
  }
}

export type Query = Record<string, string | number | undefined>

function address(path: string, query: Query): string {
  const given = Object.entries(query).filter((e): e is [string, string | number] => e[1] !== undefined && e[1] !== '')
  const search = new URLSearchParams(given.map(([k, v]) => [k, String(v)])).toString()
  return '/api/v1' + path + (search ? '?' + search : '')
}

async function ask<T>(path: string, init: RequestInit): Promise<T> {
  const response = await fetch(path, { ...init, headers: { Accept: 'application/json', ...init.headers } })
  if (!response.ok) {
    const problem = (await response.json().catch(() => ({}))) as Problem
    throw new Refused(response.status, problem)
  }
  return (response.status === 204 ? undefined : await response.json()) as T
}

/** GET below /api/v1. */
export function get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  return ask<T>(address(path, query), signal ? { signal } : {})
}

/** POST (or another method) of JSON, or of a form, below /api/v1. */
export function send<T>(path: string, body: unknown, method = 'POST'): Promise<T> {
  const form = body instanceof FormData
  return ask<T>(address(path, {}), {
    method,
    body: body === undefined ? null : form ? body : typeof body === 'string' ? body : JSON.stringify(body),
    ...(form || body === undefined ? {} : { headers: { 'Content-Type': 'application/json' } }),
  })
}

/** What to tell a person about an error. */
export function why(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
