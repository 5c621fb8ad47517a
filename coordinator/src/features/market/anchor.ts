import { type DuckMeshError, type OnchainStatus, rounds, seatBy, transition } from '@duckmesh/protocol'
import { concat } from 'viem'
import type { Container } from '../../container.ts'
import type { ChainJob } from '../../ports/chain.ts'
import { nowSeconds } from '../../ports/clock.ts'
import type { JobRecord } from '../../ports/store.ts'
import { overdueSeats, replaceSeats } from './assign.ts'
import { closeFromChain } from './settle.ts'

/** Statuses in which a round was seated, by this process or without it. */
const MOVED_ON: ReadonlySet<OnchainStatus> = new Set(['committing', 'anchored', 'paid', 'refunded'])

/**
 * An assigned job: brings the commitments on chain when all are there, replaces seats that stay silent, gives up
 * when its time is over. What the chain says always comes first: others may have anchored or closed the job.
 * @returns when to look again, unix ms
 */
export async function advanceAssigned(
  container: Container,
  job: JobRecord,
  onchain: ChainJob,
): Promise<number> {
  const { store, clock, config } = container
  const now = clock.nowMs()
  if (onchain.status === 'anchored' && onchain.round === job.round) return markAnchored(container, job)
  if (onchain.status === 'paid' || onchain.status === 'refunded')
    return closeFromChain(container, job, onchain)

  const seats = (await store.seats(job.jobId)).filter(
    (seat) => seat.round === job.round && seat.stage !== 'excused',
  )
  const deadline = seatBy(job.order, job.round, onchain.at)
  if (nowSeconds(clock) > deadline) return giveUp(container, job, onchain)
  // a seat may even have opened, when the chain undid an earlier anchor
  if (seats.every((seat) => seat.stage !== 'assigned')) return anchor(container, job)

  const overdue = overdueSeats(seats, now, config.SEAT_TIMEOUT_MS)
  if (overdue.length > 0 && onchain.status !== 'committing' && (await replaceSeats(container, job, overdue)))
    return now
  const nextTimeout = Math.min(
    ...seats.filter((seat) => seat.stage === 'assigned').map((seat) => seat.assignedAtMs),
  )
  return Math.min(
    deadline * 1_000 + 1_000,
    overdue.length > 0 ? now + 1_000 : nextTimeout + config.SEAT_TIMEOUT_MS,
  )
}

async function anchor(container: Container, job: JobRecord): Promise<number> {
  const { store, chain, clock, observe } = container
  const { jobId } = job
  const seating = (await store.seatings(jobId)).at(-1)!
  const seatOf = new Map(
    (await store.seats(jobId))
      .filter((seat) => seat.round === job.round)
      .map((seat) => [seat.providerId, seat]),
  )
  const seats = seating.assignment.seats.map((id) => seatOf.get(id)!)
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

async function markAnchored(container: Container, job: JobRecord): Promise<number> {
  const { store, clock, observe, wakes } = container
  const seats = (await store.seats(job.jobId)).filter((seat) => seat.round === job.round)
  await store.applyStep(
    {
      jobId: job.jobId,
      from: { state: job.state, round: job.round },
      to: { state: transition(job.state, 'anchor'), round: job.round },
      wakesSeats: true,
      events: [{ type: 'anchored', data: { round: job.round } }],
    },
    clock.nowMs(),
  )
  observe('anchored', { jobId: job.jobId })
  for (const seat of seats) wakes.ring(`node:${seat.providerId}`)
  return clock.nowMs()
}

// past the seating deadline: seats that committed by themselves are sealed, a reseating is refunded, a dispute stays
// undecided, and an order that never reached the chain simply ends
async function giveUp(container: Container, job: JobRecord, onchain: ChainJob): Promise<number> {
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
  // the chain's clock decides whether anybody can still anchor
  const { timestamp } = await chain.head()
  if (timestamp <= order.acceptBy) return clock.nowMs() + 1_000
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
