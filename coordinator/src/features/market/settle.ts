import {
  type DuckMeshError,
  type OnchainStatus,
  revealBy,
  type SeatsByRound,
  transition,
} from '@duckmesh/protocol'
import { type Hex, zeroHash } from 'viem'
import type { Container } from '../../container.ts'
import type { ChainJob } from '../../ports/chain.ts'
import type { JobRecord, SeatRecord } from '../../ports/store.ts'

/** How long the chain may deny an anchor that it showed before, ms: an endpoint that only lags shows it again sooner. */
const UNDONE_AFTER_MS = 5_000

/** Statuses in which no round is anchored: an anchored job that shows one has lost its anchor. */
const UNSEATED: ReadonlySet<OnchainStatus> = new Set(['none', 'reseating', 'submitted', 'disputed'])

/**
 * An anchored job: opens and settles it on chain as soon as every seat is accounted for, or the reveal deadline has
 * passed. Where the job stands afterwards is read from the chain.
 * @returns when to look again, unix ms
 */
export async function advanceAnchored(
  container: Container,
  job: JobRecord,
  onchain: ChainJob,
): Promise<number> {
  const { store, chain, clock, observe } = container
  const { jobId } = job
  if (onchain.status === 'paid' || onchain.status === 'refunded')
    return closeFromChain(container, job, onchain)
  if (onchain.status === 'reseating' && onchain.round > job.round) return markReseating(container, job)
  if (UNSEATED.has(onchain.status)) return anchorUndone(container, job)

  const anchored = await chain.anchoredSeats(jobId, job.round, job.fromBlock)
  if (!anchored) return clock.nowMs() + 500 // the node that answered lags behind the one that showed the anchor
  const seatOf = new Map(
    (await store.seats(jobId))
      .filter((seat) => seat.round === job.round)
      .map((seat) => [seat.providerId, seat]),
  )
  const { commitments } = anchored
  // a seat may have promised something else on chain than here: what it showed here opens nothing there
  const seats = anchored.ids.map((id, index) => {
    const seat = seatOf.get(id)
    return seat?.commitment === commitments[index] ? seat : undefined
  })
  const deadlineMs = (revealBy(job.order, onchain.at) + 1) * 1_000
  if (!isAccountedFor(commitments, seats)) {
    // the contract compares with block time, which a chain without new blocks does not move
    if (clock.nowMs() < deadlineMs) return deadlineMs
  }
  observe('settling', { jobId })
  try {
    await chain.send(
      {
        kind: 'openSeats',
        order: job.order,
        ids: anchored.ids,
        commitments,
        // what a seat revealed opens it too, although it never delivered: it is not silent
        outputs: seats.map((seat) => seat?.outputHash ?? zeroHash),
        salts: seats.map((seat) => seat?.salt ?? zeroHash),
      },
      async (hash) => {
        observe('settle-sent', { jobId })
        await store.addTransaction(jobId, 'openSeats', hash, clock.nowMs())
      },
    )
  } catch (error) {
    const { code, message } = error as DuckMeshError
    container.logger.warn({ jobId, code, message }, 'settlement refused')
    if ((await chain.job(jobId)).status === 'anchored') return clock.nowMs() + 1_000
  }
  return clock.nowMs()
}

// the contract's own rule: opened, never committed, or a copy of an opened seat's commitment, which cannot open
function isAccountedFor(commitments: Hex[], seats: (SeatRecord | undefined)[]): boolean {
  const opened = new Set(commitments.filter((_commitment, index) => seats[index]?.stage === 'opened'))
  return commitments.every((commitment) => commitment === zeroHash || opened.has(commitment))
}

// the chain dropped the block of the anchor: the same commitments are anchored again, or the order expires
async function anchorUndone(container: Container, job: JobRecord): Promise<number> {
  const { store, clock, logger } = container
  const { jobId, round } = job
  const undoneAtMs = job.updatedAtMs + UNDONE_AFTER_MS
  if (clock.nowMs() < undoneAtMs) return undoneAtMs
  logger.warn({ jobId, round }, 'the chain no longer shows the anchor')
  await store.applyStep(
    {
      jobId,
      from: { state: job.state, round },
      to: { state: transition(job.state, 'undo'), round },
      events: [{ type: 'delayed', data: { step: 'anchor', round, message: 'The chain undid the anchor.' } }],
    },
    clock.nowMs(),
  )
  return clock.nowMs()
}

async function markReseating(container: Container, job: JobRecord): Promise<number> {
  const { store, clock } = container
  await store.applyStep(
    {
      jobId: job.jobId,
      from: { state: job.state, round: job.round },
      to: { state: transition(job.state, 'reseat'), round: job.round },
      events: [...(await openedEvents(container, job)), { type: 'reseating', data: { round: job.round } }],
    },
    clock.nowMs(),
  )
  return clock.nowMs()
}

/** Ends a job as the chain says that it ended. */
export async function closeFromChain(
  container: Container,
  job: JobRecord,
  onchain: ChainJob,
): Promise<number> {
  const { store, chain, clock, observe, logger, wakes } = container
  const outcome = await chain.outcome(job.jobId, await seatsByRound(container, job), job.fromBlock)
  if (!outcome) return clock.nowMs() + 500
  const edge = onchain.status === 'paid' ? 'settle' : 'refund'
  // a job that others anchored and closed while this process was away is walked through the states it passed
  const from = { state: job.state, round: job.round }
  const state = job.state === 'assigned' ? transition('assigned', 'anchor') : job.state
  const { paid, slashed, refundedWei } = outcome
  await store.applyStep(
    {
      jobId: job.jobId,
      from,
      to: { state: transition(state, edge), round: job.round },
      outcome,
      // seats that were paid at once have not delivered their results yet
      wakesSeats: true,
      events: [
        ...(await openedEvents(container, job)),
        { type: edge === 'settle' ? 'settled' : 'refunded', data: { paid, slashed, refundedWei } },
      ],
    },
    clock.nowMs(),
  )
  observe('settled', { jobId: job.jobId })
  for (const { providerId } of outcome.paid) wakes.ring(`node:${providerId}`)
  logger.info({ jobId: job.jobId, edge, paid: paid.length, slashed: slashed.length }, 'job closed')
  return clock.nowMs()
}

async function openedEvents({ store }: Container, job: JobRecord) {
  const seats = (await store.seats(job.jobId)).filter(
    (seat) => seat.round === job.round && seat.outputHash !== null,
  )
  const opened = seats.map((seat) => ({ providerId: seat.providerId, outputHash: seat.outputHash }))
  return opened.length > 0 ? [{ type: 'opened' as const, data: { round: job.round, opened } }] : []
}

/** Last signed seats of each round. */
export async function seatsByRound({ store, chain }: Container, job: JobRecord): Promise<SeatsByRound> {
  const seats = new Map<number, readonly number[]>()
  for (const { assignment } of await store.seatings(job.jobId)) {
    const anchored = await chain.anchoredSeats(job.jobId, assignment.round, job.fromBlock)
    seats.set(assignment.round, anchored?.ids ?? assignment.seats)
  }
  return seats
}
