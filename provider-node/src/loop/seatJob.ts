import { DuckMeshError, type RunWork, seatBy } from '@duckmesh/protocol'
import { nowSeconds } from '../ports/clock.ts'
import type { Row } from '../ports/journal.ts'
import { backoffMs } from './backoff.ts'
import { check, checkSeat } from './check.ts'
import { commit } from './commit.ts'
import type { LoopContext } from './context.ts'
import { promise } from './promise.ts'
import { run } from './run.ts'

/**
 * Takes a seat from its work item to its delivered commitment: check, journal, run, promise, commit. Given the
 * same item again, also after a crash, it goes on where the journal says.
 * Handles its own errors: what must not be run is declined; while the chain is away, or the coordinator has not said yet
 * who it is, nothing can be checked, and it tries again until the order has expired.
 */
export async function seatJob(work: RunWork, context: LoopContext): Promise<void> {
  const { clock, journal, logger, random, signal } = context
  const { jobId } = work
  const { round } = work.assignment
  for (let failures = 1; ; failures++) {
    try {
      return await takeSeat(work, context)
    } catch (thrown) {
      if (signal.aborted) return
      const error = DuckMeshError.from(thrown)
      logger.warn({ err: error, jobId, round }, 'seat not taken')
      // the chain, which is away, knows when a later round began: not after its assignment
      const lastSecond = seatBy(work.order, round, work.assignment.issuedAt)
      const isPassing = error.code === 'CHAIN_UNAVAILABLE' || context.coordinatorAddress() === undefined
      if (isPassing && nowSeconds(clock) <= lastSecond) {
        await clock.sleep(backoffMs(failures, random.fraction()), signal)
        continue
      }
      journal.abandon(jobId, round, error.code)
      // a commitment that is on disk may have left before: then the seat is no longer ours to give back; under an
      // assignment that came after the reveal nothing was signed, and what was signed before still holds
      const isOurs = error.code === 'ALREADY_REVEALED' || journal.find(jobId, round)?.state !== 'promised'
      if (isOurs) await decline(work, error.code, context)
      return
    }
  }
}

async function takeSeat(work: RunWork, context: LoopContext): Promise<void> {
  const known = context.journal.find(work.jobId, work.assignment.round)
  if (known?.state === 'final') return
  if (known?.state === 'abandoned') return decline(work, known.errorCode ?? 'CANCELLED', context)
  if (known?.state === 'promised') return recommit(known, work, context)
  await runSeat(work, context)
}

async function runSeat(work: RunWork, context: LoopContext): Promise<void> {
  const { clock, journal, observe } = context
  const { jobId, order, orderSignature, request, assignment } = work
  const { round } = assignment
  const { executor, deadline, checkedAt, blockNumber } = await check(work, context)
  const endMs = clock.nowMs() + (deadline - checkedAt) * 1_000
  await observe('work-received', { jobId, round })
  const row = journal.receive({
    jobId,
    round,
    lane: 'redundant',
    order,
    orderSignature,
    request,
    assignment: { assignment, signature: work.assignmentSignature },
    seenBlock: blockNumber,
    receivedAtMs: clock.nowMs(),
  })
  const output = await run(row, executor, endMs - clock.nowMs(), context)
  const promised = await promise(row, output, context)
  // seated anew meanwhile, see `reseat`: the commitment names the later assignment
  await commit(journal.find(jobId, round) ?? { ...row, promised }, endMs - clock.nowMs(), context)
}

/**
 * The coordinator asks again: it lost the commitment, or another seat was replaced under a new assignment.
 * @throws DuckMeshError `ALREADY_REVEALED`: whoever was seated since may know what this node promised, and copy it
 */
async function recommit(row: Row, work: RunWork, context: LoopContext): Promise<void> {
  const { assignment, assignmentSignature: signature } = work
  if (row.assignment?.signature !== signature) {
    await checkSeat(work, context)
    if (assignment.issuedAt >= (row.assignment?.assignment.issuedAt ?? 0)) {
      context.journal.reassign(row.jobId, row.round, { assignment, signature })
    }
  }
  await commit(context.journal.find(row.jobId, row.round) ?? row, 0, context)
}

/**
 * Keeps a later assignment of a seat that is still being run, so that its first commitment is for that one. Handles its
 * own errors: what is not kept here is asked for again.
 */
export async function reseat(work: RunWork, context: LoopContext): Promise<void> {
  const { journal, logger } = context
  const { jobId, assignment, assignmentSignature: signature } = work
  const { round } = assignment
  try {
    await checkSeat(work, context)
    const row = journal.find(jobId, round)
    const isLater = assignment.issuedAt >= (row?.assignment?.assignment.issuedAt ?? 0)
    if (row && isLater && row.committedUnder.length === 0)
      journal.reassign(jobId, round, { assignment, signature })
  } catch (thrown) {
    logger.warn({ err: DuckMeshError.from(thrown), jobId, round }, 'later seating not taken')
  }
}

async function decline(work: RunWork, code: string, context: LoopContext): Promise<void> {
  const { coordinator, logger, providerId } = context
  const { jobId, assignment } = work
  await coordinator
    .decline(jobId, { round: assignment.round, providerId, code })
    .catch((error: unknown) => logger.debug({ err: error, jobId }, 'decline not delivered'))
}
