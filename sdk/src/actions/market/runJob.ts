import { DuckMeshError, type Skipped } from '@duckmesh/protocol'
import type { ClientContext } from '../../clients/clientContext.ts'
import { JobRun } from './jobRun.ts'
import type { SubmitJobParameters } from './prepareJob.ts'
import type { RunAttempt, RunStore } from './runStore.ts'
import type { JobAnswer, WaitForResultParameters } from './waitForResult.ts'

/** What to run, for how much at most, and how long to try. */
export type RunJobParameters = Omit<SubmitJobParameters, 'nonce' | 'maxPriceWei'> &
  Pick<WaitForResultParameters, 'onEvent' | 'signal'> & {
    /** Whole price to begin with, DUCK wei. @default `seats` times the least price of the model, or the cap */
    priceWei?: bigint | undefined
    /** Most that any order of the run may cost, DUCK wei. @default the price to begin with */
    maxPriceWei?: bigint | undefined
    /**
     * Name of the run, which its orders are bound to: the same name is never paid twice, and goes on where it was.
     * @default a random one
     */
    runId?: string | undefined
    /** Where the run is kept. @default in memory: a crash then loses the answer, see the warning of `runJob` */
    store?: RunStore | undefined
    /** Longest time for the whole run, milliseconds. @default 600000 */
    timeoutMs?: number | undefined
    /** Orders that may end without an answer before the run does. @default 6 */
    maxAttempts?: number | undefined
    /** Pause before the first new order, milliseconds; doubles up to 15 s. @default 1000 */
    pauseMs?: number | undefined
    /** Told of each order, before it is sent and when its end is known. */
    onAttempt?: ((attempt: RunAttempt) => void) | undefined
  }

/** A verified answer, and what it took. */
export type RanJob = JobAnswer & {
  runId: string
  attempts: RunAttempt[]
  /** Why providers were passed over, the latest reason of each. */
  why: Skipped[]
}

/**
 * Owns an order to its end: sends it, waits, verifies; orders again when nobody took it or no majority agreed, for more
 * where only the price was in the way and the cap allows it; waits for a coordinator or a chain that is away; goes on
 * with the same `runId` after a crash.
 *
 * Paid once, whatever happens: all its orders have one nonce, of which the chain lets one in; another nonce is taken
 * only when the chain shows that the order which used it was refunded. Each order is in the store before it is sent.
 *
 * Warning: without a store that survives, a crash after payment leaves nothing but the job id in the coordinator's hands;
 * calling again with the same `runId` then ends in `NONCE_USED` and is not charged, but brings no answer either.
 * @throws DuckMeshError, always with `details.runId`, `details.attempts` and `details.why`: `NO_PROVIDERS` when nobody
 * took it, `JOB_FAILED`, `SERVICE_UNAVAILABLE` for a coordinator and `CHAIN_UNAVAILABLE` for a chain that stayed away,
 * `WAIT_TIMEOUT`, `NONCE_USED`, `RECEIPT_UNVERIFIED`, `INSUFFICIENT_FUNDS`, `CANCELLED`
 */
export async function runJob(context: ClientContext, parameters: RunJobParameters): Promise<RanJob> {
  const run = new JobRun(context, parameters)
  try {
    return await run.answer()
  } catch (thrown) {
    throw run.explain(DuckMeshError.from(thrown))
  }
}
