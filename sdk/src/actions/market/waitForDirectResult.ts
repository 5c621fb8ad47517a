import {
  DuckMeshError,
  hashCanonical,
  type InferenceResult,
  type JobId,
  jobResultSchema,
  nodeRoutes,
  type OnchainStatus,
  type SignedReceipt,
  signedReceiptSchema,
} from '@duckmesh/protocol'
import type { Hex } from 'viem'
import { type JobOnChain, readJobOnChain } from '../../chain/jobOnChain.ts'
import { readMesh } from '../../chain/readMesh.ts'
import { authorizationFor, type ClientContext } from '../../clients/clientContext.ts'
import { requestJson, type Schema } from '../../transport/requestJson.ts'
import { isTransient, sleep } from '../../transport/retry.ts'
import { type Check, createCheckList } from '../verification/check.ts'
import { verifyReceipt } from '../verification/verifyReceipt.ts'
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

type Delivery = { result: InferenceResult; receipt: SignedReceipt }

const resultSchema = jobResultSchema.shape.result
const ENDED: ReadonlySet<OnchainStatus> = new Set(['refunded', 'failed'])
const POLL_MS = 500

// two schemas of the protocol side by side: the node answers with a result and its receipt
const deliverySchema: Schema<Delivery> = {
  safeParse(value) {
    const fields = value as Partial<Record<keyof Delivery, unknown>> | null | undefined
    const result = resultSchema.safeParse(fields?.result)
    const receipt = signedReceiptSchema.safeParse(fields?.receipt)
    if (!result.success) return result
    if (!receipt.success) return receipt
    return { success: true, data: { result: result.data, receipt: receipt.data } }
  },
}

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
    const delivery = chain.outputHash ? await fetchDelivery(context, job, signingKey, signal) : undefined
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

async function fetchDelivery(
  context: ClientContext,
  { jobId, endpoint }: DirectJob,
  audience: Hex,
  signal: AbortSignal | undefined,
): Promise<Delivery | undefined> {
  try {
    return await requestJson({
      baseUrl: endpoint,
      route: nodeRoutes.jobResult,
      parameters: { jobId },
      schema: deliverySchema,
      authorization: await authorizationFor(context, audience),
      timeoutMs: context.timeoutMs,
      fetch: context.fetch,
      signal,
    })
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
