import { DuckMeshError, hashCanonical } from '@duckmesh/protocol'
import type { ChainJob } from '../ports/chain.ts'
import type { Row } from '../ports/journal.ts'
import type { LoopContext } from './context.ts'
import { type DirectStep, directOutcome, nextDirectStep } from './directStep.ts'
import { isSurelyRunnable } from './isSurelyRunnable.ts'
import { promise } from './promise.ts'
import { receiptOf } from './receipt.ts'
import { run } from './run.ts'
import { finish } from './settle.ts'

/** accept, run, submit, finalize, finish, and one to spare. */
const MOST_STEPS = 6

/**
 * Brings a directed job as far as it can be brought now: looks at the chain, takes one step, looks again. What a
 * step throws decides nothing; the next look does.
 */
export async function directJob(found: Row, context: LoopContext): Promise<void> {
  const { chain, journal, logger, providerId } = context
  const { jobId, round } = found
  for (let taken = 0; taken < MOST_STEPS && !context.signal.aborted; taken++) {
    const row = journal.find(jobId, round)
    if (row?.state !== 'received' && row?.state !== 'promised') return
    const [job, head] = await Promise.all([chain.job(jobId), chain.head()])
    const { nowSeconds } = head
    if (job.status === 'active') journal.note(jobId, round, 'boundSeenAtMs', context.clock.nowMs())
    const step = nextDirectStep(row, job, { nowSeconds, providerId, isSafe: isSafe(row, context) })
    if (step === 'wait') return
    if (step === 'finish') {
      const logs = await chain.jobLogs(jobId, row.seenBlock)
      return finish(row, directOutcome(logs, job, providerId), context)
    }
    try {
      await takeDirectStep(row, step, job, nowSeconds, context)
    } catch (thrown) {
      if (context.signal.aborted) return
      const error = DuckMeshError.from(thrown)
      logger.warn({ err: error, jobId, step }, 'step failed; the chain decides')
      if (step === 'run' && job.status === 'open' && !error.retryable)
        journal.abandon(jobId, round, error.code)
      return
    }
  }
}

const executorOf = ({ order }: Row, { executors }: LoopContext) =>
  executors.find(({ profile }) => hashCanonical(profile) === order.policy)

const isSafe = (row: Row, context: LoopContext): boolean =>
  isSurelyRunnable(row.request, executorOf(row, context)?.contextTokens ?? 0)

async function takeDirectStep(
  row: Row,
  step: Exclude<DirectStep, 'wait' | 'finish'>,
  job: ChainJob,
  nowSeconds: number,
  context: LoopContext,
): Promise<void> {
  const { chain, observe, providerId } = context
  const { jobId, round, order } = row
  if (step === 'acceptJob') {
    await chain.send({ kind: step, order, providerId })
    await observe('accepted', { jobId, round })
  } else if (step === 'run') {
    const executor = executorOf(row, context)
    if (!executor)
      throw new DuckMeshError('UNKNOWN_MODEL', 'This node no longer serves that profile.', { jobId })
    const endSeconds = job.status === 'open' ? order.acceptBy : job.at + order.execWindow
    const leftMs = (endSeconds - nowSeconds) * 1_000
    const promised = await promise(row, await run(row, executor, leftMs, context), context)
    await receiptOf({ ...row, promised }, undefined, context)
  } else if (step === 'submitResult') {
    if (!row.promised) throw new DuckMeshError('WRONG_STAGE', 'There is no result yet.', { jobId })
    await chain.send({ kind: step, jobId, outputHash: row.promised.outputHash })
    await observe('submitted', { jobId, round })
  } else {
    await chain.send({ kind: step, order })
  }
}
