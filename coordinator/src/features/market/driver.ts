import { DuckMeshError, type JobId } from '@duckmesh/protocol'
import type { Container } from '../../container.ts'
import { advance } from './advance.ts'

/** Longest time between two looks at the store, ms: bells make it shorter, other processes have no bells. */
const SWEEP_MS = 500
/** Jobs in work at one time. */
const CONCURRENCY = 16
/** First pause after a failed step, ms; doubles up to the last. */
const RETRY_MS = { first: 500, last: 15_000 }

/**
 * Drives all live jobs until the signal aborts. A job whose step fails is tried again with growing pauses, since
 * every step decides from the state of chain and store.
 * @returns when the last step has ended
 */
export async function drive(container: Container, signal: AbortSignal): Promise<void> {
  const { store, clock, config, wakes, logger } = container
  const running = new Map<JobId, Promise<void>>()
  const failures = new Map<JobId, number>()
  if (store.isExclusive) await store.releaseAll(clock.nowMs())

  const work = async (jobId: JobId): Promise<void> => {
    let nextMs: number | undefined
    try {
      nextMs = await advance(container, jobId)
      failures.delete(jobId)
    } catch (thrown) {
      const error = DuckMeshError.from(thrown)
      const count = (failures.get(jobId) ?? 0) + 1
      failures.set(jobId, count)
      nextMs = clock.nowMs() + Math.min(RETRY_MS.last, RETRY_MS.first * 2 ** (count - 1))
      logger.error({ jobId, code: error.code, err: error, count }, 'step failed')
      if (count === 1) await reportDelay(container, jobId, error)
    }
    if (nextMs !== undefined) await store.releaseLease(jobId, nextMs)
  }

  while (!signal.aborted) {
    // listening begins before the look at the store, so that no bell is missed in between
    const rung = wakes.wait('due', SWEEP_MS, signal)
    try {
      const free = CONCURRENCY - running.size
      const due = free > 0 ? await store.takeDue(clock.nowMs(), clock.nowMs() + config.LEASE_MS, free) : []
      for (const jobId of due) {
        const task = work(jobId)
          .catch((error) => logger.error({ jobId, err: error }, 'lease not released'))
          .finally(() => {
            running.delete(jobId)
            wakes.ring('due')
          })
        running.set(jobId, task)
      }
      if (due.length > 0) continue
    } catch (error) {
      logger.error({ err: error }, 'the store did not answer')
    }
    await rung
  }
  await Promise.allSettled(running.values())
}

async function reportDelay(
  { store, clock, logger }: Container,
  jobId: JobId,
  error: DuckMeshError,
): Promise<void> {
  await store
    .appendEvent(jobId, { type: 'delayed', data: { ...error.toWire() } }, clock.nowMs())
    .catch((failure) => logger.error({ jobId, err: failure }, 'delay not recorded'))
}
