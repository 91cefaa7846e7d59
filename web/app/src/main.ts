import { createApp } from 'vue'
import App from './App.vue'
import { cityKey, onceCity } from './api/city'
import { onSignedOut } from './api/client'
import './design/base.css'
import './design/theme'
import { lineToOrigin } from './live/origin'
import { lineKey } from './live/useView'
import { router } from './router'
import { verdict } from './session/guard'
import { askAgain, forget } from './session/session'

/** From any page to the sign-in, and back to it from there. */
function toSignIn(): void {
  forget()
  const { name, fullPath } = router.currentRoute.value
  if (name === undefined || name === 'sign-in' || name === 'embed') return
  void router.push({ name: 'sign-in', query: { next: fullPath } })
}
onSignedOut(toSignIn)

/** The rights have changed: a page that was open may be so no longer. */
async function judgeAgain(): Promise<void> {
  const now = await askAgain()
  const { fullPath, meta } = router.currentRoute.value
  if (verdict(meta, now).go !== 'in') await router.replace({ path: fullPath, force: true })
}

const line = lineToOrigin({
  gone: toSignIn,
  changed: () => { judgeAgain().catch(() => undefined) },
})
// A screen that comes back from sleep, or a cable put in again, need not wait.
window.addEventListener('online', () => { line.hurry() })
document.addEventListener('visibilitychange', () => { if (!document.hidden) line.hurry() })
// Who signs in again begins a new line, not the one that was closed.
router.afterEach((to) => { if (to.meta.open !== true) line.open() })

createApp(App).provide(lineKey, line).provide(cityKey, onceCity()).use(router).mount('#app')
