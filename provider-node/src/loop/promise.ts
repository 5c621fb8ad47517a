import { commitmentOf, hashCanonical } from '@duckmesh/protocol'
import type { Promised, Row } from '../ports/journal.ts'
import type { LoopContext } from './context.ts'
import type { TimedRun } from './run.ts'

/**
 * Binds the node to a result: result, salt and commitment are on disk, in one transaction, before
 * anything leaves the process. When a promise is there already, that one stands and the new result is dropped.
 * @returns the promise that stands
 */
export async function promise(row: Row, output: TimedRun, context: LoopContext): Promise<Promised> {
  const { journal, observe, providerId, random } = context
  const { jobId, round } = row
  const { result, promptTokens, startedAt, finishedAt } = output
  const outputHash = hashCanonical(result)
  let seat: Promised['seat'] = null
  if (row.lane === 'redundant') {
    const salt = random.salt()
    seat = { salt, commitment: commitmentOf({ jobId, round, providerId, outputHash, salt }) }
  }
  const promised = { result, outputHash, promptTokens, startedAt, finishedAt, seat }
  const stands = journal.promise(jobId, round, promised)
  await observe('promised', { jobId, round })
  return stands
}
