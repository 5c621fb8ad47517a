import { DuckMeshError, isTerminal, type JobId, type JobResult, type JobStatus } from '@duckmesh/protocol'
import { type Address, isAddressEqual } from 'viem'
import type { Container } from '../../container.ts'
import type { JobRecord } from '../../ports/store.ts'

/** How long seats that were paid at once may take to deliver the answer before the buyer has to ask them itself, ms. */
export const DELIVERY_MS = 30_000

async function requireJob({ store }: Container, jobId: JobId): Promise<JobRecord> {
  const job = await store.job(jobId)
  if (!job) throw new DuckMeshError('JOB_NOT_FOUND', `There is no job ${jobId}.`)
  return job
}

/**
 * Everything that may be public about a job. Openings show once the round that they belong to is closed on chain.
 * @throws DuckMeshError `JOB_NOT_FOUND`
 */
export async function jobStatus(container: Container, jobId: JobId): Promise<JobStatus> {
  const { store } = container
  const job = await requireJob(container, jobId)
  const [assignments, seats, transactions] = await Promise.all([
    store.seatings(jobId),
    store.seats(jobId),
    store.transactions(jobId),
  ])
  const isClosed = (round: number) => isTerminal(job.state) || round < job.round || job.state === 'reseating'
  return {
    jobId,
    state: job.state,
    round: job.round,
    order: job.order,
    orderSignature: job.orderSignature,
    createdAtMs: job.createdAtMs,
    updatedAtMs: job.updatedAtMs,
    assignments,
    commitments: seats.flatMap(({ round, providerId, commitment, commitSignature, committedAtMs }) =>
      commitment && commitSignature
        ? [{ round, providerId, commitment, signature: commitSignature, receivedAtMs: committedAtMs! }]
        : [],
    ),
    openings: seats.flatMap(({ round, providerId, stage, outputHash, salt, receipt, openedAtMs }) =>
      stage === 'opened' && isClosed(round)
        ? [
            {
              round,
              providerId,
              outputHash: outputHash!,
              salt: salt!,
              receipt: receipt!,
              receivedAtMs: openedAtMs!,
            },
          ]
        : [],
    ),
    outcome: job.outcome,
    transactions,
    skipped: job.skipped,
  }
}

/**
 * The answer, for the requester alone. Seats that were paid at once deliver it a moment after the job is settled.
 * @param account who asks, as proved by its session
 * @throws DuckMeshError `JOB_NOT_FOUND`, `FORBIDDEN`, `JOB_NOT_DONE`, `JOB_FAILED`
 */
export async function jobResult(container: Container, jobId: JobId, account: Address): Promise<JobResult> {
  const job = await requireJob(container, jobId)
  if (!isAddressEqual(job.order.requester, account)) {
    throw new DuckMeshError('FORBIDDEN', 'Only the requester of the order may read its result.')
  }
  if (!isTerminal(job.state)) {
    throw new DuckMeshError('JOB_NOT_DONE', `The job is ${job.state}.`, { state: job.state })
  }
  const { outputHash } = job.outcome ?? {}
  const agreed = (await container.store.seats(jobId)).filter(
    (seat) => seat.round === job.round && seat.outputHash === outputHash,
  )
  const winners = agreed.filter((seat) => seat.stage === 'opened')
  const [first] = winners
  const isDelivering = container.clock.nowMs() < job.updatedAtMs + DELIVERY_MS
  if (job.state === 'settled' && !first && agreed.length > 0 && isDelivering) {
    throw new DuckMeshError('JOB_NOT_DONE', 'The seats are paid; the answer is on its way.', {
      state: job.state,
    })
  }
  if (job.state !== 'settled' || !outputHash || !first?.result) {
    throw new DuckMeshError('JOB_FAILED', `The job ended as ${job.state} without an answer here.`, {
      state: job.state,
    })
  }
  return { jobId, result: first.result, outputHash, receipts: winners.map((seat) => seat.receipt!) }
}
