import {
  type InferenceResult,
  type JobId,
  jobResultSchema,
  nodeRoutes,
  type SignedReceipt,
  signedReceiptSchema,
} from '@duckmesh/protocol'
import type { Address } from 'viem'
import { authorizationFor, type ClientContext } from '../../clients/clientContext.ts'
import { requestJson, type Schema } from '../../transport/requestJson.ts'

/** What a provider's node gives to the requester; nothing in it is verified. */
export type Delivery = { result: InferenceResult; receipt: SignedReceipt }

const resultSchema = jobResultSchema.shape.result

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
 * Asks a provider's node for its result of a job.
 * @param endpoint base URL of the node
 * @param audience signing key of the provider
 * @throws DuckMeshError `JOB_NOT_DONE`, `JOB_NOT_FOUND`, `JOB_FAILED`, `FORBIDDEN`, `SERVICE_UNAVAILABLE`, `CANCELLED`
 */
export async function fetchDelivery(
  context: ClientContext,
  { jobId, endpoint, audience }: { jobId: JobId; endpoint: string; audience: Address },
  signal?: AbortSignal,
): Promise<Delivery> {
  return requestJson({
    baseUrl: endpoint,
    route: nodeRoutes.jobResult,
    parameters: { jobId },
    schema: deliverySchema,
    authorization: await authorizationFor(context, audience),
    timeoutMs: context.timeoutMs,
    fetch: context.fetch,
    signal,
  })
}
