import type { Me } from './types'

/**
 * Where somebody begins who asked for no page: at the desk, but on a phone, with
 * work outdoors, at that.
 */
export function homeOf(me: Me | null, phone: boolean): string {
  if (!me || !phone || !me.actions.includes('unit.send')) return '/desk'
  return me.roles.some((r) => r.code === 'enforcer') ? '/enforce' : '/field'
}

/** Whether this is a phone in somebody's hand. */
export function onPhone(): boolean {
  return window.matchMedia('(max-width: 40rem) and (pointer: coarse)').matches
}
