import { DuckMeshError } from '@duckmesh/protocol'
import type { Address } from 'viem'
import type { Container } from '../../container.ts'
import { anchorSealed, sealNext } from './anchor.ts'
import { fileReceipts, fileWindows } from './collect.ts'
import { Looks } from './looks.ts'

/** Longest time between two rounds, ms. */
const ROUND_MS = 1_000
/** First pause after a round that failed, ms; doubles up to the last. */
const RETRY_MS = { first: 1_000, last: 60_000 }

/**
 * Looks after the nodes, collects evidence and anchors a batch each period, until the signal aborts. Without
 * EVIDENCE_ANCHORS_ADDRESS it does nothing.
 */
export async function driveEvidence(container: Container, signal: AbortSignal): Promise<void> {
  const { EVIDENCE_ANCHORS_ADDRESS } = container.config
  if (!EVIDENCE_ANCHORS_ADDRESS) return
  const looks = new Looks(container.clock.nowMs())
  // side by side: a chain that is slow to take a batch must not make the looks rare
  await Promise.all([
    driveLooks(container, looks, signal),
    driveBatches(container, looks, EVIDENCE_ANCHORS_ADDRESS as Address, signal),
  ])
}

async function driveLooks(container: Container, looks: Looks, signal: AbortSignal): Promise<void> {
  const { config, wakes, logger } = container
  while (!signal.aborted) {
    await looks
      .look(container)
      .catch((error) => logger.error({ err: error }, 'nobody looked after the nodes'))
    await wakes.wait('looks', config.SLA_LOOK_MS, signal)
  }
}

async function driveBatches(
  container: Container,
  looks: Looks,
  anchors: Address,
  signal: AbortSignal,
): Promise<void> {
  const { clock, config, wakes, logger } = container
  const { EVIDENCE_PERIOD_MS } = config
  let dueMs = clock.nowMs() + EVIDENCE_PERIOD_MS
  let failures = 0
  while (!signal.aborted) {
    let pauseMs = Math.min(ROUND_MS, EVIDENCE_PERIOD_MS)
    try {
      await fileReceipts(container)
      // one that an earlier process sealed goes out at once
      await anchorSealed(container, anchors)
      const nowMs = clock.nowMs()
      if (nowMs >= dueMs) {
        await fileWindows(container, looks, nowMs)
        // a batch holds so many leaves at most; the rest is for the next period
        if (await sealNext(container, anchors)) await anchorSealed(container, anchors)
        dueMs = nowMs + EVIDENCE_PERIOD_MS
      }
      failures = 0
    } catch (thrown) {
      const error = DuckMeshError.from(thrown)
      pauseMs = Math.min(RETRY_MS.last, RETRY_MS.first * 2 ** failures++)
      logger.error({ code: error.code, err: error }, 'evidence was not collected or anchored')
    }
    await wakes.wait('evidence', pauseMs, signal)
  }
}
