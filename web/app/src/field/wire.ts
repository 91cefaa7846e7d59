/** Speaking with the server from outdoors, where the line and the session may be gone. */
import { wordsOf } from '@/api/said'
import type { Problem } from '@/live/protocol'
import type { Said } from './types'

/** No answer came: the line is cut, or the server is away. */
export class NoLine extends Error {
  constructor(why: string) {
    super(why)
    this.name = 'NoLine'
  }
}

/** The server answered no. */
export class No extends Error {
  constructor(readonly said: Said, readonly retryAfter?: number) {
    super(said.text)
    this.name = 'No'
  }
}

/** How a person's requests go out; the tests have one of their own. */
export interface Wire {
  ask<T>(method: string, path: string, body?: unknown): Promise<T>
}

/** Longest wait for an answer (ms): a phone in a cellar must not hang. */
const patience = 20_000

/** The wire of that person: the server refuses what comes with somebody else's session. */
export function wireOf(owner: string): Wire {
  return {
    async ask<T>(method: string, path: string, body?: unknown): Promise<T> {
      const response = await answer(method, path, {
        Accept: 'application/json',
        ...(owner ? { [asHeader]: owner } : {}),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      }, body === undefined ? null : JSON.stringify(body))
      const text = response.status === 204 ? '' : await response.text().catch((e: unknown) => { throw new NoLine(String(e)) })
      if (response.ok) return (text === '' ? undefined : JSON.parse(text)) as T
      throw noOf(response.status, text, Number(response.headers.get('Retry-After') ?? NaN))
    },
  }
}

/** Names the person that a request is of; the server compares it with the session. */
export const asHeader = 'OneCity-Subject'

async function answer(method: string, path: string, headers: Record<string, string>, body: string | null): Promise<Response> {
  try {
    return await fetch('/api/v1' + path, { method, headers, body, signal: AbortSignal.timeout(patience) })
  } catch (error) {
    throw new NoLine(error instanceof Error ? error.message : String(error))
  }
}

/** A refusal out of an answer; gateways answer with pages. */
export function noOf(status: number, text: string, retryAfter = NaN): No | NoLine {
  let problem: Problem & { by?: string; byName?: string; state?: string; version?: number } = {}
  try {
    problem = JSON.parse(text) as typeof problem
  } catch {
    if (status >= 500) return new NoLine(`HTTP ${String(status)}`)
  }
  const said: Said = { status, text: wordsOf(problem, status) }
  const by = problem.byName ?? problem.by
  if (by !== undefined) said.by = by
  if (problem.by !== undefined) said.subject = problem.by
  if (problem.state !== undefined) said.state = problem.state
  if (problem.version !== undefined) said.version = problem.version
  return new No(said, Number.isFinite(retryAfter) ? retryAfter : undefined)
}

/** Whether it is worth sending again by itself, later. */
export function passing(status: number): boolean {
  return status === 408 || status === 423 || status === 425 || status === 429 || status >= 500
}
