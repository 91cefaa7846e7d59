import { Refused, why } from '@/api/client'
import { t, word } from '@/i18n'

/** What a 409 of a case adds to a problem: who was faster, and how it stands now. */
interface Faster {
  by?: string
  byName?: string
  state?: string
}

/** Whether somebody else was faster. */
export function wasSlow(error: unknown): error is Refused {
  return error instanceof Refused && error.status === 409
}

/** Whether the server may have taken it all the same: the line broke before its answer. */
export function isUnsure(error: unknown): boolean {
  return !(error instanceof Refused) || error.status >= 500
}

/** Why it was not done, in words for the operator. */
export function failure(error: unknown): string {
  if (wasSlow(error)) {
    const { by, byName, state } = error.problem as Faster
    const who = byName ?? by
    if (who && state) return t('command.faster', { who, state: word('caseState', state) })
    return why(error)
  }
  if (!(error instanceof Refused)) return t('command.noLine')
  return why(error)
}
