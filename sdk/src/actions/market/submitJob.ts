import { DuckMeshError, stringifyWire } from '@duckmesh/protocol'
import type { ClientContext } from '../../clients/clientContext.ts'
import { retry } from '../../transport/retry.ts'
import { type PreparedJob, prepareJob, type SubmitJobParameters } from './prepareJob.ts'

/**
 * Sends a signed job to the coordinator. The job id is the digest of the order, so sending the same job again, after a
 * cut or a crash, changes nothing: transient faults are retried here.
 * @returns the job as it was given
 * @throws DuckMeshError what the coordinator refused with; `details.prepared` is the wire form of the job
 */
export async function sendJob(context: ClientContext, job: PreparedJob): Promise<PreparedJob> {
  const { jobId, ...body } = job
  try {
    const accepted = await retry(() => context.coordinator.submit(body))
    if (accepted.jobId === jobId) return job
    const message = 'The coordinator accepted the job under another id.'
    throw new DuckMeshError('UPSTREAM_ERROR', message, { jobId, got: accepted.jobId })
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
 * Orders a redundant job: builds and signs the order, sends it with the request. Nothing is paid before the seats are
 * anchored on chain.
 * @throws DuckMeshError see `prepareJob` and `sendJob`
 */
export async function submitJob(
  context: ClientContext,
  parameters: SubmitJobParameters,
): Promise<PreparedJob> {
  return sendJob(context, await prepareJob(context, parameters))
}
