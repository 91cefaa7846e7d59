/** Who works on this phone, also while there is no line and after the session is over. */
import { keep, kept } from '@/design/kept'
import { setCityZone } from '@/i18n/zone'
import type { Me } from '@/session/types'
import { No, NoLine, type Wire } from './wire'

export interface Who {
  subject: string
  login: string
  name: string
  roles: string[]
  actions: string[]
  zone?: string
}

/** in: signed in. offline: no line, as known before. out: the session is over. nobody: nobody was here. */
export type Standing = 'in' | 'offline' | 'out' | 'nobody'

const place = 'field.who'

/** Who was here last and has not signed out. */
export function lastHere(): Who | undefined {
  try {
    const who = JSON.parse(kept(place) ?? 'null') as Who | null
    if (!who || typeof who.subject !== 'string') return undefined
    if (who.zone) setCityZone(who.zone)
    return who
  } catch {
    return undefined
  }
}

/** Forgets who was here: they have signed out. */
export function leaveHere(): void {
  keep(place, 'null')
}

/** Asks the server who is signed in; without a line it is who was here last. */
export async function whoIsHere(wire: Wire): Promise<{ standing: Standing; who?: Who; before?: string }> {
  const last = lastHere()
  let me: Me
  try {
    me = await wire.ask<Me>('GET', '/me')
  } catch (error) {
    if (error instanceof No && error.said.status === 401) return last ? { standing: 'out', who: last } : { standing: 'nobody' }
    if (error instanceof No || error instanceof NoLine) return last ? { standing: 'offline', who: last } : { standing: 'nobody' }
    throw error
  }
  if (me.next !== 'done') return last ? { standing: 'out', who: last } : { standing: 'nobody' }
  const who: Who = { subject: me.subject, login: me.login, name: me.name, roles: me.roles.map((r) => r.code), actions: me.actions }
  if (me.zone) {
    who.zone = me.zone
    setCityZone(me.zone)
  }
  keep(place, JSON.stringify(who))
  return last && last.subject !== who.subject ? { standing: 'in', who, before: last.subject } : { standing: 'in', who }
}
