import { computed, onScopeDispose, ref } from 'vue'
import { Refused, why } from '@/api/client'
import { t } from '@/i18n'
import { unwilling } from '@/session/passkey'

/** One try after another: busy while it runs, said when it fails, and a wait when the server asks for one. */
export function useAttempt() {
  const busy = ref(false)
  const failed = ref('')
  const until = ref(0)
  const now = ref(Date.now())
  const timer = setInterval(() => { now.value = Date.now() }, 250)
  onScopeDispose(() => { clearInterval(timer) })
  const wait = computed(() => Math.max(0, Math.ceil((until.value - now.value) / 1000)))

  async function attempt<T>(what: () => Promise<T>): Promise<T | undefined> {
    if (busy.value || wait.value > 0) return undefined
    busy.value = true
    failed.value = ''
    try {
      return await what()
    } catch (error) {
      if (error instanceof Refused && error.status === 429) {
        now.value = Date.now()
        until.value = now.value + (error.retryAfter ?? 30) * 1000
      }
      failed.value = error instanceof TypeError ? t('signin.away') : unwilling(error) ? t('passkey.gone') : why(error)
      return undefined
    } finally {
      busy.value = false
    }
  }
  const said = computed(() => (wait.value > 0 ? t('signin.wait', { s: wait.value }) : failed.value))
  return { busy, wait, said, failed, attempt }
}
