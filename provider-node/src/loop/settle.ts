import { DuckMeshError, formatDuck, rounds } from '@duckmesh/protocol'
import { type Log, zeroHash } from 'viem'
import type { ChainCall } from '../ports/chain.ts'
import type { Row, RowOutcome } from '../ports/journal.ts'
import type { LoopContext } from './context.ts'
import { reportEquivocations } from './equivocation.ts'
import { open, verifyAnchor } from './open.ts'
import { nextSeatStep, type SeatSight, type SeatStep } from './rescue.ts'
import { anchoredSeats, areLogsCurrent, seatIndex, seatOutcome, settledSeats } from './seatEvents.ts'
import { signSeatCommit } from './signSeatCommit.ts'

/** Steps in one look; more than a seat can ever need in a row. */
const MOST_STEPS = 6

/**
 * Brings a promised seat as far as it can be brought now: looks at the chain, takes one step, looks again. What a
 * step throws decides nothing; the next look does.
 */
export async function settleSeat(found: Row, context: LoopContext): Promise<void> {
  const { jobId, round } = found
  for (let taken = 0; taken < MOST_STEPS && !context.signal.aborted; taken++) {
    const row = context.journal.find(jobId, round)
    if (row?.state !== 'promised') return
    const sight = await lookAtSeat(row, context)
    const step = nextSeatStep(
      context.journal.find(jobId, round) ?? row,
      sight,
      context.config.RESCUE_AFTER_MS,
    )
    if (step.do === 'wait') return
    if (step.do === 'finish') {
      await reportEquivocations(row, sight.logs, context)
      return finish(row, step.outcome, context)
    }
    try {
      await takeSeatStep(row, step, sight, context)
      if (step.do !== 'sendOpening') context.logger.info({ jobId, round, step: step.do }, 'acted on chain')
    } catch (error) {
      context.logger.warn({ err: error, jobId, round, step: step.do }, 'step failed; the chain decides')
      return
    }
  }
}

/** Writes the end of a job into the journal. */
export async function finish(row: Row, outcome: RowOutcome, context: LoopContext): Promise<void> {
  const { clock, journal, logger, observe } = context
  const { jobId, round } = row
  journal.finish(jobId, round, outcome, clock.nowMs())
  const { kind, earnedWei, lostWei, slashReason } = outcome
  const amounts = { earned: formatDuck(earnedWei), lost: formatDuck(lostWei), slashReason }
  logger.info({ jobId, round, outcome: kind, ...amounts }, 'job is final')
  await observe('finalized', { jobId, round })
}

async function lookAtSeat(row: Row, context: LoopContext): Promise<SeatSight & { logs: Log[] }> {
  const { chain, clock, coordinator, journal, providerId } = context
  const { jobId, round } = row
  const [job, head] = await Promise.all([chain.job(jobId), chain.head()])
  const isNone = job.status === 'none' && !(await isSpent(row, context))
  const isUnbound = isNone || (job.status === 'committing' && job.round === round)
  const logs = isUnbound ? [] : await chain.jobLogs(jobId, row.seenBlock)
  const anchored = anchoredSeats(logs, round)
  const isAnchored = job.status === 'anchored' && job.round === round
  if (isAnchored || settledSeats(logs, row, providerId))
    journal.note(jobId, round, 'boundSeenAtMs', clock.nowMs())
  const goneSinceMs = coordinator.unreachableSinceMs
  const boundSeenAtMs = journal.find(jobId, round)?.boundSeenAtMs ?? clock.nowMs()
  return {
    logs,
    nowSeconds: head.nowSeconds,
    job,
    outcome: seatOutcome(logs, row, providerId),
    anchored,
    areLogsCurrent: isUnbound || areLogsCurrent(logs, job),
    index: anchored ? seatIndex(row, anchored, providerId) : -1,
    assignedIndex: row.assignment?.assignment.seats.indexOf(providerId) ?? 0,
    isCommitted:
      job.status === 'committing' &&
      (await chain.seatCommitment(jobId, providerId)) === row.promised?.seat?.commitment,
    hasOpening:
      isAnchored && anchored
        ? await Promise.all(
            anchored.seats.map(async (seat) => (await chain.seatOpening(jobId, seat)) !== zeroHash),
          )
        : [],
    coordinatorGoneMs: goneSinceMs === undefined ? 0 : clock.nowMs() - goneSinceMs,
    ignoredMs: clock.nowMs() - Math.max(boundSeenAtMs, context.startedAtMs),
  }
}

/** Whether a seat that has revealed may have been paid: that leaves no word of the job, but it uses the nonce. */
async function isSpent({ order, reveal, round }: Row, { chain }: LoopContext): Promise<boolean> {
  return round === rounds.first && reveal !== null && chain.nonceUsed(order.requester, order.nonce)
}

async function takeSeatStep(
  row: Row,
  step: Exclude<SeatStep, { do: 'finish' }>,
  sight: SeatSight,
  context: LoopContext,
): Promise<void> {
  if (step.do === 'sendOpening') return open(row, sight.anchored, context)
  if (step.do === 'openSeat' || step.do === 'closeSeats') await verifyAnchor(row, sight.anchored, context)
  await context.chain.send(await seatCall(row, step.do, sight, context))
}

async function seatCall(
  row: Row,
  kind: string,
  { anchored, index }: SeatSight,
  context: LoopContext,
): Promise<ChainCall> {
  const { order, orderSignature, assignment: assigned, promised } = row
  if (!promised?.seat || !assigned) throw new DuckMeshError('WRONG_STAGE', 'There is no promised seat.')
  const { outputHash, seat } = promised
  const { assignment, signature: assignmentSignature } = assigned
  if (kind === 'sealSeats') return { kind, order, assignment }
  if (kind === 'commitSeat') {
    const { commitment, signature } = await signSeatCommit(row, context)
    const { providerId } = context
    const signed = { commitment, seatSignature: signature }
    return { kind, order, orderSignature, assignment, assignmentSignature, providerId, ...signed }
  }
  if (!anchored) throw new DuckMeshError('WRONG_STAGE', 'The seats are not anchored.')
  if (kind === 'openSeat') return { kind, order, ...anchored, index, outputHash, salt: seat.salt }
  // zero stands for "not given here": openings that are stored on chain count by themselves
  const own = <T>(value: T, none: T) => anchored.seats.map((_seat, at) => (at === index ? value : none))
  const outputs = own(outputHash, zeroHash)
  return { kind: 'openSeats', order, ...anchored, outputs, salts: own(seat.salt, zeroHash) }
}
