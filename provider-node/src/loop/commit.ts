import { DuckMeshError } from '@duckmesh/protocol'
import type { Row } from '../ports/journal.ts'
import { backoffMs } from './backoff.ts'
import type { LoopContext } from './context.ts'
import { signSeatCommit } from './signSeatCommit.ts'

/**
 * Sends the stored commitment, signed for the row's assignment, to the coordinator until it is accepted or refused for
 * good, or the time is over. Sending it again is harmless: a round has one commitment, whoever sits beside this node.
 * @param leftMs time in which the round can still be anchored; 0 for one try
 * @throws DuckMeshError `ALREADY_REVEALED` when this node has revealed under another assignment of the round
 */
export async function commit(row: Row, leftMs: number, context: LoopContext): Promise<void> {
  const { clock, coordinator, journal, logger, observe, providerId, random, signal } = context
  const { jobId, round } = row
  const { commitment, signature } = await signSeatCommit(row, context)
  const endMs = clock.nowMs() + leftMs
  for (let failures = 1; !signal.aborted; failures++) {
    try {
      await coordinator.commit(jobId, { round, providerId, commitment, signature })
      journal.note(jobId, round, 'commitAcceptedAtMs', clock.nowMs())
      await observe('commit-sent', { jobId, round })
      return
    } catch (thrown) {
      const error = DuckMeshError.from(thrown)
      // refused for good or not, the chain is watched from now on: what was signed may still be anchored
      logger.warn({ err: error, jobId, round }, 'commitment not accepted')
      if (!error.retryable || clock.nowMs() >= endMs) return
      await clock.sleep(backoffMs(failures, random.fraction()), signal)
    }
  }
}
