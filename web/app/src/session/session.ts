import { shallowRef, type ShallowRef } from 'vue'
import { get, Refused, send } from '@/api/client'
import { setCityZone } from '@/i18n/zone'
import type { Me } from './types'

const state = shallowRef<Me | null>(null)
let known = false
let asking: Promise<Me | null> | undefined

/** Who is signed in here; null is nobody. */
export const me: Readonly<ShallowRef<Me | null>> = state

/** Asks the server who is signed in, once; null is nobody. */
export async function whoIsThere(): Promise<Me | null> {
  if (known) return state.value
  return askAgain()
}

/** Asks the server who is signed in, and what they may do now. */
export function askAgain(): Promise<Me | null> {
  asking ??= (async () => {
    try {
      state.value = await get<Me>('/me')
      if (state.value.zone) setCityZone(state.value.zone)
      known = true
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      state.value = null
      known = error.status === 401
    } finally {
      asking = undefined
    }
    return state.value
  })()
  return asking
}

/** Forgets who was signed in: they are no longer. */
export function forget(): void {
  state.value = null
  known = false
}

export async function signOut(): Promise<void> {
  try {
    await send('/sign-out', undefined)
  } catch (error) {
    // Who is out already need not be let out.
    if (!(error instanceof Refused && error.status === 401)) throw error
  }
  const owner = state.value?.subject
  forget()
  // What was kept for work without a network is not the next person's.
  if (owner !== undefined && 'indexedDB' in window) await (await import('@/field/leave')).forgetPerson(owner)
}

/** Whether the person signed in may do that anywhere. */
export function may(action: string): boolean {
  return state.value?.actions.includes(action) ?? false
}
