import { onScopeDispose, ref, type Ref } from 'vue'
import { me } from '@/session/session'
import { Link } from './link'
import { channelName, type Role, type Said } from './protocol'

export interface WallLink {
  /** Windows at the other side. */
  others: Ref<number>
  /** Who is at the desk, as it says. */
  driver: Ref<string>
  say: (said: Said) => void
}

/** This window's end of the talk between desk and wall, for as long as its page is shown. */
export function useLink(role: Role, hear: (said: Said) => void, greet?: () => Said[]): WallLink {
  const others = ref(0)
  const driver = ref('')
  // Old browsers have none; then the two windows work alone.
  if (typeof BroadcastChannel === 'undefined') return { others, driver, say: () => undefined }
  const link = new Link({
    role, id: crypto.getRandomValues(new Uint32Array(2)).join('-'), who: me.value?.subject ?? '', wire: new BroadcastChannel(channelName),
    hear: (said) => {
      if (said.op === 'here') driver.value = said.name ?? driver.value
      else hear(said)
    },
    changed: (n) => {
      others.value = n
      if (n === 0) driver.value = ''
    },
    ...(greet ? { greet } : {}),
    ...(role === 'desk' && me.value?.name ? { name: me.value.name } : {}),
  })
  const leave = () => { link.say({ op: 'bye' }) }
  window.addEventListener('pagehide', leave)
  onScopeDispose(() => {
    window.removeEventListener('pagehide', leave)
    link.close()
  })
  return { others, driver, say: (said) => { link.say(said) } }
}
