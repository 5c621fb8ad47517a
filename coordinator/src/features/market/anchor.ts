import { type DuckMeshError, type OnchainStatus, rounds, transition } from '@duckmesh/protocol'
import { concat } from 'viem'
import type { Container } from '../../container.ts'
import type { ChainJob } from '../../ports/chain.ts'
import type { JobRecord, SeatRecord } from '../../ports/store.ts'
import { replaceSeats } from './assign.ts'

/** Statuses in which a round was seated, by this process or without it. */
const MOVED_ON: ReadonlySet<OnchainStatus> = new Set(['committing', 'anchored', 'paid', 'refunded'])

/** Seats of the latest seating, in its order. */
export async function seatedNow({ store }: Container, { jobId, round }: JobRecord): Promise<SeatRecord[]> {
  const { assignment } = (await store.seatings(jobId)).at(-1)!
  const ofRound = (await store.seats(jobId)).filter((seat) => seat.round === round)
  const seatOf = new Map(ofRound.map((seat) => [seat.providerId, seat]))
  return assignment.seats.map((id) => seatOf.get(id)!)
}

/**
 * Binds the seats to their commitments on chain: the price goes into escrow, every bond is locked.
 * @returns when to look again, unix ms
 */
export async function anchor(container: Container, job: JobRecord): Promise<number> {
  const { store, chain, clock, observe } = container
  const { jobId } = job
  const seating = (await store.seatings(jobId)).at(-1)!
  const seats = await seatedNow(container, job)
  observe('anchoring', { jobId })
  try {
    await chain.send(
      {
        kind: 'anchorSeats',
        order: job.order,
        orderSignature: job.orderSignature,
        assignment: seating.assignment,
        assignmentSignature: seating.signature,
        commitments: seats.map((seat) => seat.commitment!),
        seatSignatures: concat(seats.map((seat) => seat.commitSignature!)),
      },
      async (hash) => {
        observe('anchor-sent', { jobId })
        await store.addTransaction(jobId, 'anchorSeats', hash, clock.nowMs())
      },
    )
  } catch (error) {
    return afterRefusedAnchor(container, job, error as DuckMeshError)
  }
  return clock.nowMs() // the chain is read again before anything else is decided
}

// a provider that can no longer stand for its commitment gives its seat to the next; all else is tried until acceptBy
async function afterRefusedAnchor(
  container: Container,
  job: JobRecord,
  error: DuckMeshError,
): Promise<number> {
  const { store, clock, chain, logger } = container
  const { status } = await chain.job(job.jobId)
  if (MOVED_ON.has(status)) return clock.nowMs()
  logger.warn({ jobId: job.jobId, code: error.code, details: error.details }, 'anchor refused')
  const { reason, args } = error.details as { reason?: string; args?: string[] }
  if (reason === 'InsufficientStake' || reason === 'ProviderInactive') {
    const excuse = { providerId: Number(args?.[0]), reason: 'DECLINED' as const }
    if (await replaceSeats(container, job, [excuse])) return clock.nowMs()
  }
  await store.appendEvent(
    job.jobId,
    { type: 'delayed', data: { step: 'anchor', ...error.toWire() } },
    clock.nowMs(),
  )
  return clock.nowMs() + 2_000
}

/**
 * A job past its deadline: seats that committed by themselves are sealed, a reseating is refunded, a dispute stays
 * undecided, and an order that never reached the chain simply ends.
 * @param lastSecond at which anybody could still bring a first round on chain, unix seconds
 * @returns when to look again, unix ms
 */
export async function giveUp(
  container: Container,
  job: JobRecord,
  onchain: ChainJob,
  lastSecond = job.order.acceptBy,
): Promise<number> {
  const { store, chain, clock } = container
  const { jobId, order } = job
  const record = (hash: `0x${string}`) => store.addTransaction(jobId, onchain.status, hash, clock.nowMs())
  if (onchain.status === 'committing') {
    await seal(container, job, record)
    return clock.nowMs()
  }
  if (onchain.status === 'reseating' || onchain.status === 'disputed') {
    await chain.send({ kind: 'expireJob', order }, record)
    return clock.nowMs()
  }
  if (job.round === rounds.dispute) return clock.nowMs() + 1_000 // the chain undid the dispute, and may show it again
  // the chain's clock decides whether that is over
  const { timestamp } = await chain.head()
  if (timestamp <= lastSecond) return clock.nowMs() + 1_000
  await store.applyStep(
    {
      jobId,
      from: { state: job.state, round: job.round },
      to: { state: transition(job.state, 'expire'), round: job.round },
      events: [{ type: 'expired', data: { acceptBy: order.acceptBy } }],
    },
    clock.nowMs(),
  )
  return clock.nowMs()
}

// under the assignment by which the first seat went on chain: a seat that was excused still holds an older one
async function seal(
  { store, chain }: Container,
  { jobId, order, round }: JobRecord,
  record: (hash: `0x${string}`) => Promise<void>,
): Promise<void> {
  const seatings = (await store.seatings(jobId)).filter(({ assignment }) => assignment.round === round)
  let refusal: unknown
  for (const { assignment } of seatings.toReversed()) {
    try {
      return await chain.send({ kind: 'sealSeats', order, assignment }, record)
    } catch (error) {
      if ((error as DuckMeshError).details?.reason !== 'AssignmentMismatch') throw error
      refusal = error
    }
  }
  throw refusal
}
