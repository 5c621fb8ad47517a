import { DuckMeshError, type JobId, jobIdOf, type Order, type Outcome } from '@duckmesh/protocol'
import type { Hex } from 'viem'
import { readJobOnChain } from '../../chain/jobOnChain.ts'
import type { ClientContext } from '../../clients/clientContext.ts'
import { sleep } from '../../transport/retry.ts'

/** How a dispute ended, as the chain says. */
export type DisputeResult = {
  jobId: JobId
  /** Whether the re-execution found another output: then the price is back and the provider's bond lost. */
  upheld: boolean
  /** Whether there was a majority at all; without one the provider is paid and the challenger has its bond back. */
  isDecided: boolean
  /** Who was paid and who was slashed, judges included. */
  outcome: Outcome
  transactions: { kind: string; hash: Hex }[]
}

const POLL_MS = 500

/**
 * Waits until a disputed job is closed. Reads the chain alone.
 * @param timeoutMs longest wait, milliseconds
 * @throws DuckMeshError `NOT_DISPUTED`, `WAIT_TIMEOUT`, after which the dispute goes on, `CHAIN_UNAVAILABLE`, `CANCELLED`
 */
export async function waitForDispute(
  context: ClientContext,
  order: Order,
  { timeoutMs = 300_000, signal }: { timeoutMs?: number | undefined; signal?: AbortSignal | undefined } = {},
): Promise<DisputeResult> {
  const jobId = jobIdOf(context.domain, order)
  const until = performance.now() + timeoutMs
  for (;;) {
    const { dispute, outcome, rounds, status, transactions } = await readJobOnChain(context, jobId)
    if (!dispute) {
      const message = `Nobody has disputed the job; it is ${status} on chain.`
      throw new DuckMeshError('NOT_DISPUTED', message, { jobId, chainStatus: status })
    }
    if (dispute.upheld !== undefined && outcome) {
      const isDecided = rounds.some(({ closed }) => closed !== undefined && closed.winnersMask !== 0n)
      return { jobId, upheld: dispute.upheld, isDecided, outcome, transactions }
    }
    if (performance.now() > until) {
      const message = `The dispute was not resolved within ${timeoutMs} ms.`
      throw new DuckMeshError('WAIT_TIMEOUT', message, { jobId, timeoutMs, chainStatus: status })
    }
    await sleep(POLL_MS, signal)
  }
}
