import {
  assignmentHash,
  type CommitmentBody,
  commitmentOf,
  DuckMeshError,
  hashCanonical,
  type JobId,
  type OpeningBody,
  type ProviderId,
  type RevealBody,
  receiptFailures,
  recover,
  seatCommitTypedData,
  seatRevealTypedData,
  seatsDigest,
} from '@duckmesh/protocol'
import { type Address, isAddressEqual } from 'viem'
import type { Container } from '../../container.ts'
import type { JobRecord, SeatRecord } from '../../ports/store.ts'
import { seatedNow } from './anchor.ts'
import { replaceSeats } from './assign.ts'

/** Who is calling: a node, by its provider id and signing key. */
export type Caller = { providerId: ProviderId; signingKey: Address }

async function findSeat(
  { store }: Container,
  jobId: JobId,
  round: number,
  caller: Caller,
): Promise<{ job: JobRecord; seat: SeatRecord }> {
  const job = await store.job(jobId)
  if (!job) throw new DuckMeshError('JOB_NOT_FOUND', `There is no job ${jobId}.`)
  const seats = await store.seats(jobId)
  const seat = seats.find(
    (candidate) => candidate.providerId === caller.providerId && candidate.round === round,
  )
  if (!seat || seat.stage === 'excused') {
    throw notASeat(caller.providerId, round)
  }
  return { job, seat }
}

async function wake({ store, wakes, clock }: Container, jobId: JobId): Promise<void> {
  await store.wakeAt(jobId, clock.nowMs())
  wakes.ring('due')
  wakes.ring(`job:${jobId}`)
}

/**
 * Takes a seat's signed commitment. The same one again is fine; another one is refused for ever.
 * @throws DuckMeshError `JOB_NOT_FOUND`, `NOT_A_SEAT`, `WRONG_STAGE`, `BAD_SIGNATURE`, `EQUIVOCATION`
 */
export async function takeCommitment(
  container: Container,
  jobId: JobId,
  body: CommitmentBody,
  caller: Caller,
): Promise<void> {
  const { store, clock, domain, observe } = container
  const { round, commitment, signature } = body
  const { job, seat } = await findSeat(container, jobId, round, caller)
  // said twice: the first time the process may have ended between keeping it and acting on it
  if (seat.commitment === commitment && seat.stage !== 'assigned') return wake(container, jobId)
  if (seat.commitment && seat.commitment !== commitment)
    throw equivocation(caller.providerId, seat.commitment)
  if (job.state !== 'assigned' || job.round !== round) throw wrongStage(job)
  const { assignment } = (await store.seatings(jobId)).at(-1)!
  const { providerId } = caller
  const statement = { assignmentHash: assignmentHash(assignment), providerId, commitment }
  const signer = await recover({ ...seatCommitTypedData(domain, statement), signature })
  if (!signer || !isAddressEqual(signer, caller.signingKey)) {
    throw new DuckMeshError(
      'BAD_SIGNATURE',
      'The commitment is not signed by the signing key of this provider for its latest assignment.',
    )
  }
  const event = { type: 'committed' as const, data: { round, providerId, commitment } }
  const stands = await store.commitSeat(
    { jobId, round, providerId, commitment, signature },
    event,
    clock.nowMs(),
  )
  if (!stands) throw notASeat(caller.providerId, round) // excused while it was being checked
  if (stands !== commitment) throw equivocation(caller.providerId, stands)
  observe('commit-stored', { jobId })
  await wake(container, jobId)
}

/**
 * Takes a seat's reveal: what its commitment holds, signed together with the commitments of all. Kept once.
 * @throws DuckMeshError `JOB_NOT_FOUND`, `NOT_A_SEAT`, `WRONG_STAGE`, `BAD_OPENING`, `BAD_SIGNATURE`
 */
export async function takeReveal(
  container: Container,
  jobId: JobId,
  body: RevealBody,
  caller: Caller,
): Promise<void> {
  const { store, clock, domain, observe } = container
  const { round, salt, outputHash, signature } = body
  const { providerId } = caller
  const { job, seat } = await findSeat(container, jobId, round, caller)
  if (seat.revealSignature !== null) return wake(container, jobId)
  if (job.state !== 'committed' || job.round !== round) throw wrongStage(job)
  if (commitmentOf({ jobId, round, providerId, outputHash, salt }) !== seat.commitment) {
    throw new DuckMeshError('BAD_OPENING', 'Output hash and salt do not open the commitment of this seat.')
  }
  const { assignment } = (await store.seatings(jobId)).at(-1)!
  const commitments = (await seatedNow(container, job)).map((seated) => seated.commitment!)
  const statement = {
    assignmentHash: assignmentHash(assignment),
    providerId,
    seatsDigest: seatsDigest({ seats: assignment.seats, commitments }),
    outputHash,
  }
  const signer = await recover({ ...seatRevealTypedData(domain, statement), signature })
  if (!signer || !isAddressEqual(signer, caller.signingKey)) {
    throw new DuckMeshError(
      'BAD_SIGNATURE',
      'The reveal is not signed by the signing key of this provider over the latest seats and commitments.',
    )
  }
  const event = { type: 'revealed' as const, data: { round, providerId } }
  const stands = await store.revealSeat(
    { jobId, round, providerId, salt, outputHash, signature },
    event,
    clock.nowMs(),
  )
  if (!stands) throw wrongStage((await store.job(jobId)) ?? job) // anchored or seated anew while it was being checked
  observe('reveal-stored', { jobId })
  await wake(container, jobId)
}

/**
 * Takes a seat's opening, result and receipt, after the seats are anchored or were paid at once.
 * @throws DuckMeshError `JOB_NOT_FOUND`, `NOT_A_SEAT`, `WRONG_STAGE`, `BAD_OPENING`, `RECEIPT_INVALID`
 */
export async function takeOpening(
  container: Container,
  jobId: JobId,
  body: OpeningBody,
  caller: Caller,
): Promise<void> {
  const { store, clock, domain, observe } = container
  const { round, salt, result, receipt } = body
  const { job, seat } = await findSeat(container, jobId, round, caller)
  if (seat.stage === 'opened') return wake(container, jobId)
  const isBound = job.state === 'anchored' || (job.state === 'settled' && seat.revealSignature !== null)
  if (!isBound || job.round !== round || seat.stage !== 'committed') throw wrongStage(job)
  const outputHash = hashCanonical(result)
  if (commitmentOf({ jobId, round, providerId: caller.providerId, outputHash, salt }) !== seat.commitment) {
    throw new DuckMeshError('BAD_OPENING', 'Result and salt do not open the commitment of this seat.')
  }
  const { assignment, signature } = (await store.seatings(jobId)).at(-1)!
  const failed = await receiptFailures(receipt, {
    domain,
    order: job.order,
    signingKey: caller.signingKey,
    result,
    assignment: { assignment, signature },
  })
  if (failed.length > 0) throw new DuckMeshError('RECEIPT_INVALID', 'The receipt does not hold.', { failed })
  await store.openSeat(
    { jobId, round, providerId: caller.providerId, salt, outputHash, result, receipt },
    clock.nowMs(),
  )
  observe('opening-stored', { jobId })
  await wake(container, jobId)
}

/** Takes a note of progress. It moves nothing, so a late or repeated one is simply kept. */
export async function takeProgress(
  container: Container,
  jobId: JobId,
  body: { round: number; tokens: number },
  caller: Caller,
): Promise<void> {
  const { store, clock, wakes } = container
  await findSeat(container, jobId, body.round, caller)
  const data = { round: body.round, providerId: caller.providerId, tokens: body.tokens }
  await store.appendEvent(jobId, { type: 'progress', data }, clock.nowMs())
  wakes.ring(`job:${jobId}`)
}

/**
 * Takes a seat back from a node that will not run the job.
 * @throws DuckMeshError `JOB_NOT_FOUND`, `NOT_A_SEAT`, `WRONG_STAGE` when the seat has committed
 */
export async function takeDecline(
  container: Container,
  jobId: JobId,
  body: { round: number; code: string },
  caller: Caller,
): Promise<void> {
  const { job, seat } = await findSeat(container, jobId, body.round, caller)
  if (job.state !== 'assigned' || job.round !== body.round || seat.stage !== 'assigned') throw wrongStage(job)
  container.logger.info({ jobId, providerId: caller.providerId, code: body.code }, 'seat declined')
  await replaceSeats(container, job, [{ providerId: caller.providerId, reason: 'DECLINED' }])
  await wake(container, jobId)
}

const notASeat = (providerId: ProviderId, round: number): DuckMeshError =>
  new DuckMeshError('NOT_A_SEAT', `Provider ${providerId} has no seat in round ${round}.`)

const wrongStage = (job: JobRecord): DuckMeshError =>
  new DuckMeshError('WRONG_STAGE', `The job is ${job.state}, round ${job.round}.`, {
    state: job.state,
    round: job.round,
  })

const equivocation = (providerId: ProviderId, commitment: unknown): DuckMeshError =>
  new DuckMeshError('EQUIVOCATION', `Provider ${providerId} committed to something else before.`, {
    commitment,
  })
