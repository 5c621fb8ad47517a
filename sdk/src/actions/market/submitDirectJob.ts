import { DuckMeshError, nodeRoutes, onchainStatusName, stringifyWire } from '@duckmesh/protocol'
import { readMesh } from '../../chain/readMesh.ts'
import { sendToMesh } from '../../chain/sendTransaction.ts'
import type { ClientContext } from '../../clients/clientContext.ts'
import { requestJson, type Schema } from '../../transport/requestJson.ts'
import { retry } from '../../transport/retry.ts'
import { providerEndpoint } from '../providers/providerEndpoint.ts'
import { type DirectJobParameters, prepareDirectJob } from './prepareDirectJob.ts'
import type { PreparedJob } from './prepareJob.ts'

/** A job of the on-chain lane and where its provider is. */
export type DirectJob = PreparedJob & { endpoint: string }

// the node answers with the job id, which is known here: any JSON will do
const anyJson: Schema<unknown> = { safeParse: (data) => ({ success: true, data }) }

/**
 * Posts a prepared job on chain, unless it is there already, and tells the provider's node about it. Sending the same
 * job again is harmless.
 * @throws DuckMeshError `CHAIN_REVERTED`, or what the node refused with; `details.prepared` is the wire form of the job,
 * whose price can be taken back by `cancelJob` as long as it was not accepted
 */
export async function sendDirectJob(context: ClientContext, job: DirectJob): Promise<DirectJob> {
  const { jobId, endpoint, ...body } = job
  try {
    const { status } = await readMesh(context, 'jobOf', [jobId])
    if (onchainStatusName(status) === 'none') {
      await sendToMesh(context, { functionName: 'postJob', args: [job.order] })
    }
    const { fetch, timeoutMs } = context
    const call = { baseUrl: endpoint, route: nodeRoutes.submitJob, schema: anyJson, body, timeoutMs, fetch }
    await retry(() => requestJson(call))
    return job
  } catch (thrown) {
    const error = DuckMeshError.from(thrown)
    const prepared = JSON.parse(stringifyWire(job))
    throw new DuckMeshError(
      error.code,
      error.message,
      { ...error.details, jobId, prepared },
      { cause: error },
    )
  }
}

/**
 * Orders a job from one provider on the on-chain lane: the price goes into escrow with `postJob`, then the provider's
 * node gets the request. The answer is the provider's word alone; it is backed by its bond and can be disputed.
 * @throws DuckMeshError see `prepareDirectJob` and `sendDirectJob`
 */
export async function submitDirectJob(
  context: ClientContext,
  parameters: DirectJobParameters,
): Promise<DirectJob> {
  const endpoint = parameters.endpoint ?? (await providerEndpoint(context, parameters.providerId))
  return sendDirectJob(context, { ...(await prepareDirectJob(context, parameters)), endpoint })
}
