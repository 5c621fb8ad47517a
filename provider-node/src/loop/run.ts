import { DuckMeshError, inferenceResultSchema } from '@duckmesh/protocol'
import type { Executor, ExecutorRun } from '../executors/executor.ts'
import { nowSeconds } from '../ports/clock.ts'
import type { Row } from '../ports/journal.ts'
import type { LoopContext } from './context.ts'

/** Least time between two progress reports of one job. */
const PROGRESS_MS = 250

/** A run with its times in unix seconds. */
export type TimedRun = ExecutorRun & { startedAt: number; finishedAt: number }

/**
 * Runs the request of a row in one of the node's slots.
 * @param leftMs time after which the job is over and the run is stopped
 * @throws DuckMeshError of the executor; `EXECUTOR_TIMEOUT` when the time is over; `CANCELLED` when the node stops
 */
export async function run(
  row: Row,
  executor: Executor,
  leftMs: number,
  context: LoopContext,
): Promise<TimedRun> {
  const { clock, observe, queue } = context
  const facts = { jobId: row.jobId, round: row.round }
  const over = new AbortController()
  const done = new AbortController()
  void clock.sleep(leftMs, done.signal).then(() => {
    if (!done.signal.aborted) over.abort(new Error('The time of the job is over.'))
  })
  const signal = AbortSignal.any([context.signal, over.signal])
  try {
    return await queue.run(async () => {
      const startedAt = nowSeconds(clock)
      await observe('run-started', facts)
      const output = await executor.run(row.request, { signal, onToken: progress(row, context) })
      await observe('run-done', facts)
      if (!inferenceResultSchema.safeParse(output.result).success) {
        throw new DuckMeshError('EXECUTOR_FAILED', 'The engine gave a result that is not well-formed.')
      }
      return { ...output, startedAt, finishedAt: nowSeconds(clock) }
    }, signal)
  } catch (error) {
    if (!over.signal.aborted || context.signal.aborted) throw error
    throw new DuckMeshError('EXECUTOR_TIMEOUT', 'The job was over before the run.', facts, { cause: error })
  } finally {
    done.abort()
  }
}

/** Tells the coordinator how far a seat is; a lost report never harms the job. */
function progress(row: Row, { clock, coordinator, logger, providerId }: LoopContext) {
  let sentAtMs = 0
  return (tokens: number) => {
    if (row.lane !== 'redundant' || clock.nowMs() - sentAtMs < PROGRESS_MS) return
    sentAtMs = clock.nowMs()
    coordinator
      .progress(row.jobId, { round: row.round, providerId, tokens })
      .catch((error: unknown) => logger.debug({ err: error, jobId: row.jobId }, 'progress not delivered'))
  }
}
