import { setTimeout as sleep } from 'node:timers/promises'
import { DuckMeshError } from '@duckmesh/protocol'

const POLL_MS = 20

/**
 * Makes a replay wait for paid work, and give up after a while instead of taking its place.
 * @param busy requests of paid work that run or wait now
 * @param patienceMs longest wait
 * @returns a function that resolves when nothing runs
 * @throws (the function) DuckMeshError `EXECUTOR_BUSY` with `details.retryAfterMs`
 */
export function whenIdle(busy: () => number, patienceMs = 10_000): (signal: AbortSignal) => Promise<void> {
  return async (signal) => {
    for (let waitedMs = 0; busy() > 0; waitedMs += POLL_MS) {
      if (waitedMs >= patienceMs) {
        const details = { running: busy(), retryAfterMs: patienceMs }
        throw new DuckMeshError('EXECUTOR_BUSY', 'Paid work has the engine.', details)
      }
      await sleep(POLL_MS, undefined, { signal })
    }
  }
}
