import type { CaseClass, Entry, ProofView } from '@/field/types'
import type { Task } from '@/field/overlay'

/** What can be done with a task, the next step first. */
export interface Steps {
  next?: string
  others: string[]
  /** The next step asks for a photo of after first. */
  photoFirst: boolean
}

/** The steps of a task for who handles it, or verifies what another handled. */
export function stepsOf(task: Task, cls: CaseClass | undefined, proofs: readonly ProofView[], entries: readonly Entry[], me: string): Steps {
  const after = proofs.some((p) => p.phase === 'after') ||
    entries.some((e) => e.lane === 'case:' + task.id && e.act.kind === 'proof' && e.act.phase === 'after' && e.state !== 'refused' && e.state !== 'dropped')
  switch (task.state) {
    case 'offered': return { next: 'accept', others: [], photoFirst: false }
    case 'assigned': return { next: 'accept', others: ['decline'], photoFirst: false }
    case 'accepted': return { next: 'arrive', others: ['ask-delay', 'return'], photoFirst: false }
    case 'handling': return { next: 'finish', others: ['ask-delay', 'return'], photoFirst: (cls?.needsPhoto ?? true) && !after }
    case 'handled': return task.pending || task.handler === me ? { others: [], photoFirst: false } : { next: 'close', others: ['rework'], photoFirst: false }
    default: return { others: [], photoFirst: false }
  }
}

/** Events that need words, and those that only may have some. */
export const asks: Record<string, 'needed' | 'may'> = {
  decline: 'needed', return: 'needed', 'ask-delay': 'needed', rework: 'needed', finish: 'needed', close: 'may',
}
