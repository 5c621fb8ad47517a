import {
  DuckMeshError,
  hashCanonical,
  type InferenceResult,
  type JobId,
  type OnchainStatus,
  type SignedReceipt,
} from '@duckmesh/protocol'
import type { Hex } from 'viem'
import { type JobOnChain, readJobOnChain } from '../../chain/jobOnChain.ts'
import { readMesh } from '../../chain/readMesh.ts'
import type { ClientContext } from '../../clients/clientContext.ts'
import { isTransient, sleep } from '../../transport/retry.ts'
import { type Check, createCheckList } from '../verification/check.ts'
import { verifyReceipt } from '../verification/verifyReceipt.ts'
import { type Delivery, fetchDelivery } from './fetchDelivery.ts'
import type { DirectJob } from './submitDirectJob.ts'

/** A verified answer of one provider. */
export type DirectAnswer = {
  jobId: JobId
  text: string
  result: InferenceResult
  outputHash: Hex
  /** On-chain status: `submitted` while it can be disputed, `paid` after. */
  status: OnchainStatus
  receipt: SignedReceipt
  checks: Check[]
  transactions: { kind: string; hash: Hex }[]
}

const ENDED: ReadonlySet<OnchainStatus> = new Set(['refunded', 'failed'])
const POLL_MS = 500

/**
 * Waits until the provider of an on-chain lane job has submitted its result, fetches the answer from its node and
 * verifies that it is the one whose hash is on chain, with a receipt by the provider's signing key.
 * @throws DuckMeshError `JOB_FAILED` when the job was refunded or the provider was late, `RECEIPT_UNVERIFIED`,
 * `WAIT_TIMEOUT`, `CANCELLED`
 */
export async function waitForDirectResult(
  context: ClientContext,
  job: DirectJob,
  { timeoutMs = 180_000, signal }: { timeoutMs?: number | undefined; signal?: AbortSignal | undefined } = {},
): Promise<DirectAnswer> {
  const { signingKey } = await readMesh(context, 'providerOf', [job.order.providerId])
  const until = performance.now() + timeoutMs
  for (;;) {
    const chain = await readJobOnChain(context, job.jobId)
    if (ENDED.has(chain.status)) {
      const message = `The job ended as ${chain.status} on chain; the price is back.`
      throw new DuckMeshError('JOB_FAILED', message, { jobId: job.jobId, state: chain.status })
    }
    const delivery = chain.outputHash ? await deliveryOf(context, job, signingKey, signal) : undefined
    if (delivery) return verified(context, job, chain, delivery)
    if (performance.now() > until) {
      const message = `The provider did not deliver within ${timeoutMs} ms.`
      throw new DuckMeshError('WAIT_TIMEOUT', message, {
        jobId: job.jobId,
        timeoutMs,
        chainStatus: chain.status,
      })
    }
    await sleep(POLL_MS, signal)
  }
}

/** Undefined while the node is away or does not show its result yet. */
async function deliveryOf(
  context: ClientContext,
  { jobId, endpoint }: DirectJob,
  audience: Hex,
  signal: AbortSignal | undefined,
): Promise<Delivery | undefined> {
  try {
    return await fetchDelivery(context, { jobId, endpoint, audience }, signal)
  } catch (thrown) {
    const error = DuckMeshError.from(thrown)
    if (error.code !== 'JOB_NOT_DONE' && !isTransient(error)) throw error
    return undefined
  }
}

async function verified(
  context: ClientContext,
  { jobId, order }: DirectJob,
  chain: JobOnChain,
  { result, receipt }: Delivery,
): Promise<DirectAnswer> {
  const list = createCheckList()
  const outputHash = hashCanonical(result)
  const differs = outputHash === chain.outputHash ? [] : [`the answer hashes to ${outputHash}`]
  list.add('result', differs, `the answer hashes to the submitted ${outputHash}`)
  const { failed } = await verifyReceipt(context, { receipt, order, result })
  if (receipt.receipt.providerId !== order.providerId) failed.push('providerId')
  list.add('receipts', failed, `signed by provider ${order.providerId}`)
  const wrong = list.checks.filter((check) => !check.ok)
  if (wrong.length > 0) {
    const message = `The answer was not accepted: ${wrong.map(({ name }) => name).join(', ')} failed.`
    throw new DuckMeshError('RECEIPT_UNVERIFIED', message, { jobId, failed: wrong })
  }
  const { status, transactions } = chain
  return { jobId, text: result.text, result, outputHash, status, receipt, checks: list.checks, transactions }
}
