import { rounds, seatBy, transition } from '@duckmesh/protocol'
import type { Container } from '../../container.ts'
import type { ChainJob } from '../../ports/chain.ts'
import { nowSeconds } from '../../ports/clock.ts'
import type { JobRecord, SeatRecord } from '../../ports/store.ts'
import { anchor, giveUp } from './anchor.ts'
import { overdueSeats, replaceSeats } from './assign.ts'
import { revealUntilMs } from './committed.ts'
import { followChain } from './follow.ts'

/**
 * An assigned job: asks the seats to reveal when all have committed, or anchors them where that cannot work; replaces
 * seats that stay silent, gives up when its time is over. What the chain says always comes first.
 * @returns when to look again, unix ms
 */
export async function advanceAssigned(
  container: Container,
  job: JobRecord,
  onchain: ChainJob,
): Promise<number> {
  const followed = await followChain(container, job, onchain)
  if (followed !== undefined) return followed
  const { store, clock, config } = container
  const now = clock.nowMs()
  const seats = (await store.seats(job.jobId)).filter(
    (seat) => seat.round === job.round && seat.stage !== 'excused',
  )
  const deadline = seatBy(job.order, job.round, onchain.at)
  if (nowSeconds(clock) > deadline) return giveUp(container, job, onchain)
  // a seat may even have opened, when the chain undid an earlier anchor
  if (seats.every((seat) => seat.stage !== 'assigned')) {
    const canReveal = onchain.status === 'none' && seatsCanReveal(container, job, seats)
    return canReveal ? askToReveal(container, job, seats) : anchor(container, job)
  }

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

/**
 * Whether the seats could be paid at once. Not when one repeats the commitment of another, which it can never open; nor
 * when one has committed under an earlier assignment too, since it would refuse to reveal.
 */
function seatsCanReveal(container: Container, job: JobRecord, seats: SeatRecord[]): boolean {
  const isOpen = revealUntilMs(container, job, container.clock.nowMs()) > container.clock.nowMs()
  const areDistinct = new Set(seats.map((seat) => seat.commitment)).size === seats.length
  const isFirst = (seat: SeatRecord) => seat.stage === 'committed' && seat.committedAtMs! >= seat.assignedAtMs
  return job.round === rounds.first && isOpen && areDistinct && seats.every(isFirst)
}

async function askToReveal(container: Container, job: JobRecord, seats: SeatRecord[]): Promise<number> {
  const { store, clock, observe, wakes } = container
  await store.applyStep(
    {
      jobId: job.jobId,
      from: { state: job.state, round: job.round },
      to: { state: transition(job.state, 'commit'), round: job.round },
      wakesSeats: true,
      events: [],
    },
    clock.nowMs(),
  )
  observe('committed', { jobId: job.jobId })
  for (const seat of seats) wakes.ring(`node:${seat.providerId}`)
  return clock.nowMs()
}
