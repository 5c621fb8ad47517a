import { type Excuse, type SkipReason, transition } from '@duckmesh/protocol'
import type { Container } from '../../container.ts'
import type { JobRecord, SeatRecord } from '../../ports/store.ts'
import { findCandidates, skip } from './eligibility.ts'
import { signSeating } from './seating.ts'

/**
 * Seats a round: draws, signs, stores, and rings the nodes.
 * @param barred providers that may not be drawn, and why
 * @returns false when there are too few candidates now
 */
export async function assignRound(
  container: Container,
  job: JobRecord,
  round: number,
  barred: ReadonlyMap<number, SkipReason>,
): Promise<boolean> {
  const { store, clock, observe, wakes } = container
  const { candidates, skipped } = await findCandidates(container, job.order, round, barred)
  const seating = await signSeating(container, job, round, candidates, [])
  if (!seating) return false
  const { seats } = seating.assignment
  const passedOver = candidates.filter((candidate) => !seats.includes(candidate.providerId))
  observe('assigning', { jobId: job.jobId })
  const applied = await store.applyStep(
    {
      jobId: job.jobId,
      from: { state: job.state, round: job.round },
      to: { state: transition(job.state, 'assign'), round },
      skipped: [...skipped, ...passedOver.map((candidate) => skip(candidate.providerId, 'NOT_DRAWN'))],
      seating,
      events: [{ type: 'assigned', data: { round, seats, candidates: candidates.length } }],
    },
    clock.nowMs(),
  )
  if (!applied) return true
  observe('assigned', { jobId: job.jobId })
  for (const providerId of seats) wakes.ring(`node:${providerId}`)
  return true
}

/**
 * Puts the next of the ranking in the place of seats that promised nothing. Nobody loses money by this.
 * @param excuses newly excused seats
 * @returns false when the ranking has too few left; then the seats stay as they are
 */
export async function replaceSeats(
  container: Container,
  job: JobRecord,
  excuses: Excuse[],
): Promise<boolean> {
  const { store, clock, wakes } = container
  const previous = (await store.seatings(job.jobId)).at(-1)
  if (!previous || previous.assignment.round !== job.round) return false
  const excused = [...previous.record.excused, ...excuses]
  const seating = await signSeating(container, job, job.round, previous.record.candidates, excused)
  if (!seating) return false
  const replaced = new Set(excuses.map((excuse) => excuse.providerId))
  await store.applyStep(
    {
      jobId: job.jobId,
      from: { state: job.state, round: job.round },
      to: { state: transition(job.state, 'reassign'), round: job.round },
      skipped: [
        ...job.skipped.filter(
          (entry) => !seating.assignment.seats.includes(entry.providerId) && !replaced.has(entry.providerId),
        ),
        ...excuses.map((excuse) => skip(excuse.providerId, excuse.reason)),
      ],
      seating,
      events: [
        ...excuses.map((excuse) => ({ type: 'excused' as const, data: { round: job.round, ...excuse } })),
        { type: 'assigned', data: { round: job.round, seats: seating.assignment.seats } },
      ],
    },
    clock.nowMs(),
  )
  for (const providerId of seating.assignment.seats) wakes.ring(`node:${providerId}`)
  return true
}

/** Seats of the current round that have neither committed nor been heard of in time. */
export const overdueSeats = (seats: SeatRecord[], nowMs: number, timeoutMs: number): Excuse[] =>
  seats
    .filter((seat) => seat.stage === 'assigned' && seat.assignedAtMs + timeoutMs <= nowMs)
    .map((seat) => ({ providerId: seat.providerId, reason: 'SILENT' }))
