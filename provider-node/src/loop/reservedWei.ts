import type { JobId } from '@duckmesh/protocol'
import type { Journal } from '../ports/journal.ts'

/**
 * Bonds that this node has agreed to and that the chain has not locked yet, DUCK wei. The free stake on chain does
 * not know of them; without this, jobs taken side by side could promise the same stake twice.
 * @param except the job that is being checked
 */
export function reservedWei(journal: Journal, except: JobId): bigint {
  return journal
    .list(['received', 'promised'])
    .filter(({ jobId, boundSeenAtMs }) => boundSeenAtMs === null && jobId !== except)
    .reduce((sum, { order }) => sum + order.bondWei, 0n)
}
