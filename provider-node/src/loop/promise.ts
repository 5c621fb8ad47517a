import { commitmentOf, hashCanonical, seatCommitTypedData } from '@duckmesh/protocol'
import type { Promised, Row } from '../ports/journal.ts'
import type { LoopContext } from './context.ts'
import type { TimedRun } from './run.ts'

/**
 * Binds the node to a result: result, salt, commitment and signature are on disk, in one transaction, before
 * anything leaves the process. When a promise is there already, that one stands and the new result is dropped.
 * @returns the promise that stands
 */
export async function promise(row: Row, output: TimedRun, context: LoopContext): Promise<Promised> {
  const { chain, journal, observe, providerId, random, signer } = context
  const { jobId, round } = row
  const { result, promptTokens, startedAt, finishedAt } = output
  const outputHash = hashCanonical(result)
  let seat: Promised['seat'] = null
  if (row.lane === 'redundant') {
    const salt = random.salt()
    const commitment = commitmentOf({ jobId, round, providerId, outputHash, salt })
    const statement = { jobId, round, providerId, commitment }
    const signature = await signer.signTypedData(seatCommitTypedData(chain.domain, statement))
    seat = { salt, commitment, signature }
  }
  const promised = { result, outputHash, promptTokens, startedAt, finishedAt, seat }
  const stands = journal.promise(jobId, round, promised)
  await observe('promised', { jobId, round })
  return stands
}
