import {
  DuckMeshError,
  type InferenceRequest,
  type InferenceResult,
  isTerminal,
  type JobEvent,
  type JobId,
  type JobResult,
  type JobStatus,
  type Outcome,
  type SignedReceipt,
} from '@duckmesh/protocol'
import type { Hex } from 'viem'
import { readJobOnChain } from '../../chain/jobOnChain.ts'
import { authorizationFor, type ClientContext } from '../../clients/clientContext.ts'
import { retry, sleep } from '../../transport/retry.ts'
import type { Check } from '../verification/check.ts'
import { verifyJob } from '../verification/verifyJob.ts'
import { answerFromSeats } from './answerFromSeats.ts'

/** How long to wait and what to watch. */
export type WaitForResultParameters = {
  /** Longest wait, milliseconds. @default 180000 */
  timeoutMs?: number | undefined
  /** Called for every event of the job. */
  onEvent?: ((event: JobEvent) => void) | undefined
  signal?: AbortSignal | undefined
  /** The request that was ordered, to check that the order names it. */
  request?: InferenceRequest | undefined
}

/** A verified answer. */
export type JobAnswer = {
  jobId: JobId
  text: string
  result: InferenceResult
  outputHash: Hex
  /** Who was paid and who was slashed, as the chain says. */
  outcome: Outcome
  /** Receipts of the winning seats. */
  receipts: SignedReceipt[]
  /** What was checked; all hold. */
  checks: Check[]
  transactions: { kind: string; hash: Hex }[]
}

const POLL_MS = 200
/** Longest wait for an answer that paid seats have still to deliver, before they are asked for it themselves, ms. */
const DELIVERY_MS = 60_000

/**
 * Waits until a redundant job is closed, fetches the answer and verifies everything about it before giving it out.
 * @throws DuckMeshError `JOB_FAILED` when the job ended without an answer, with state and reasons in `details`;
 * `RECEIPT_UNVERIFIED` with `details.failed` when anything does not hold; `WAIT_TIMEOUT`, after which the job goes on;
 * `SERVICE_UNAVAILABLE`; `CANCELLED`
 */
export async function waitForResult(
  context: ClientContext,
  jobId: JobId,
  parameters: WaitForResultParameters = {},
): Promise<JobAnswer> {
  const status = await waitForEnd(context, jobId, parameters)
  if (status.state !== 'settled') throw await jobFailed(context, status)
  const answer = await fetchAnswer(context, jobId, parameters.signal)
  const audit = await verifyJob(context, jobId, { answer, request: parameters.request })
  const { checks, outcome, transactions } = audit
  const failed = checks.filter((check) => !check.ok)
  if (failed.length > 0 || !outcome) {
    const message = `The answer was not accepted: ${failed.map(({ name }) => name).join(', ')} failed.`
    throw new DuckMeshError('RECEIPT_UNVERIFIED', message, { jobId, failed })
  }
  const { result, outputHash, receipts } = answer
  return { jobId, text: result.text, result, outputHash, outcome, receipts, checks, transactions }
}

/** From the coordinator, which may get it a moment after the payment; where it has none, from the nodes that were paid. */
async function fetchAnswer(
  context: ClientContext,
  jobId: JobId,
  signal: AbortSignal | undefined,
): Promise<JobResult> {
  const authorization = await authorizationFor(context, context.info.address)
  const untilMs = performance.now() + DELIVERY_MS
  for (;;) {
    try {
      return await retry(() => context.coordinator.result(jobId, authorization), { signal })
    } catch (thrown) {
      const { code } = DuckMeshError.from(thrown)
      const isOnItsWay = code === 'JOB_NOT_DONE'
      if (!isOnItsWay || performance.now() > untilMs) {
        const isMissing = isOnItsWay || code === 'JOB_FAILED'
        const answer = isMissing ? await answerFromSeats(context, jobId) : undefined
        if (answer) return answer
        throw thrown
      }
    }
    await sleep(POLL_MS, signal)
  }
}

/** Waits until a job is in a final state. */
async function waitForEnd(
  context: ClientContext,
  jobId: JobId,
  { timeoutMs = 180_000, onEvent, signal }: WaitForResultParameters,
): Promise<JobStatus> {
  const deadline = AbortSignal.timeout(timeoutMs)
  const either = signal ? AbortSignal.any([signal, deadline]) : deadline
  try {
    const events = context.coordinator.events({ jobId, signal: either })
    for await (const event of events) onEvent?.(event)
    for (;;) {
      const status = await retry(() => context.coordinator.status(jobId, either), { signal: either })
      if (isTerminal(status.state)) return status
      await sleep(POLL_MS, either) // the event of the end may overtake the state by a moment
    }
  } catch (thrown) {
    if (!deadline.aborted || signal?.aborted) throw thrown
    const message = `The job was not closed within ${timeoutMs} ms.`
    throw new DuckMeshError('WAIT_TIMEOUT', message, { jobId, timeoutMs }, { cause: thrown })
  }
}

async function jobFailed(context: ClientContext, status: JobStatus): Promise<DuckMeshError> {
  const { jobId, state, outcome, skipped } = status
  // what the coordinator says about the money is worth nothing alone, so the chain is asked too
  const chain = await readJobOnChain(context, jobId)
  const slashed = (outcome?.slashed ?? []).map(({ providerId, reason }) => ({ providerId, reason }))
  const reason = reasonOf(state, chain.status)
  const details = { jobId, state, reason, chainStatus: chain.status, slashed, skipped }
  return new DuckMeshError('JOB_FAILED', `The job ended as ${state}: ${reason}`, details)
}

function reasonOf(state: JobStatus['state'], chainStatus: string): string {
  if (state === 'refunded') return 'no majority of the seats agreed on an answer; the price is back.'
  if (chainStatus === 'none') return 'the seats were not filled in time; no money was moved.'
  return `it is "${chainStatus}" on chain.`
}
