import { DuckMeshError } from '@duckmesh/protocol'
import type { WorkItem } from '../ports/coordinatorClient.ts'
import { backoffMs } from './backoff.ts'
import type { LoopContext } from './context.ts'

/** Length of one long poll. */
const POLL_MS = 20_000
/** Pause when the coordinator only repeats what is under way here. */
const REPEAT_MS = 250

/**
 * Asks the coordinator for work until the node stops. A coordinator that is away is asked less and less often.
 * @param connect tells who the coordinator is; called until it succeeds
 * @param take starts an item; false when it is under way already
 */
export async function discover(
  context: Pick<LoopContext, 'clock' | 'coordinator' | 'logger' | 'random' | 'signal'>,
  connect: () => Promise<void>,
  take: (work: WorkItem) => boolean,
): Promise<void> {
  const { clock, coordinator, logger, random, signal } = context
  let failures = 0
  let isConnected = false
  let cursor = 0
  while (!signal.aborted) {
    try {
      if (!isConnected) {
        await connect()
        cursor = 0 // a coordinator that was away may count anew; what is known here is not done twice
      }
      isConnected = true
      const work = await coordinator.work(cursor, POLL_MS, signal)
      failures = 0
      cursor = work.cursor
      const started = work.items.map(take).filter(Boolean).length
      if (work.items.length > 0 && started === 0) await clock.sleep(REPEAT_MS, signal)
    } catch (thrown) {
      if (signal.aborted) return
      const error = DuckMeshError.from(thrown)
      failures += 1
      // who answers at that URL may have changed: it has to say again who it is
      isConnected = false
      const waitMs = Math.max(backoffMs(failures, random.fraction()), retryAfterMs(error))
      logger[failures === 1 ? 'warn' : 'debug']({ err: error, failures, waitMs }, 'no work to be had')
      await clock.sleep(waitMs, signal)
    }
  }
}

const retryAfterMs = (error: DuckMeshError): number => {
  const { retryAfterMs } = error.details
  return error.code === 'RATE_LIMITED' && typeof retryAfterMs === 'number'
    ? Math.min(retryAfterMs, 60_000)
    : 0
}
