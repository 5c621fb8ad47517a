import { DuckMeshError, type OpenWork, type RunWork, seatBy } from '@duckmesh/protocol'
import type { WorkItem } from '../ports/coordinatorClient.ts'
import type { Row } from '../ports/journal.ts'
import { commit } from './commit.ts'
import type { LoopContext } from './context.ts'
import { open } from './open.ts'
import { reveal } from './reveal.ts'
import { reseat, seatJob } from './seatJob.ts'
import type { Tasks } from './tasks.ts'

/**
 * Starts what the coordinator hands out.
 * @returns false when it is under way already
 */
export function takeWork(work: WorkItem, context: LoopContext, tasks: Tasks): boolean {
  if (work.type === 'run') return takeRun(work, context, tasks)
  if (work.type === 'reveal') {
    return tasks.start(`reveal:${work.jobId}:${work.round}`, () => reveal(work, context))
  }
  // the same key as the watch: a seat is opened by one of the two
  return tasks.start(`look:${work.jobId}:${work.round}`, () => openSeat(work, context))
}

/** A seat that is under way and was seated anew, since another one was replaced, commits for the later seating. */
function takeRun(work: RunWork, context: LoopContext, tasks: Tasks): boolean {
  const { jobId, assignment, assignmentSignature } = work
  const key = `seat:${jobId}:${assignment.round}`
  if (tasks.start(key, () => seatJob(work, context))) return true
  const held = context.journal.find(jobId, assignment.round)?.assignment
  if (held?.signature === assignmentSignature) return false
  tasks.start(`reseat:${jobId}:${assignment.round}`, () => reseat(work, context))
  tasks.startAfter(key, () => seatJob(work, context))
  return true
}

async function openSeat(work: OpenWork, context: LoopContext): Promise<void> {
  const { jobId, round, seats, commitments } = work
  const row = context.journal.find(jobId, round)
  if (!row || !owesResult(row)) return
  await open(row, { seats, commitments }, context).catch((thrown: unknown) => {
    const error = DuckMeshError.from(thrown)
    if (!context.signal.aborted) context.logger.warn({ err: error, jobId, round }, 'seat not opened')
  })
}

/** Also at the end of a job: a coordinator that was away then has no answer for the buyer yet. */
const owesResult = ({ state, outcome, openingAcceptedAtMs }: Row): boolean =>
  state === 'promised' || (outcome?.isOpened === true && openingAcceptedAtMs === null)

/** Takes up, at the start, the seats that an earlier process left between work and commitment. */
export function resume(context: LoopContext, tasks: Tasks): void {
  for (const row of context.journal.list(['received', 'promised'])) {
    const { jobId, round, order, orderSignature, request, assignment } = row
    if (row.lane !== 'redundant' || !assignment || row.commitAcceptedAtMs !== null) continue
    const key = `seat:${jobId}:${round}`
    if (row.state === 'promised') {
      const endSeconds = seatBy(order, round, assignment.assignment.issuedAt)
      const leftMs = Math.max(0, endSeconds * 1_000 - context.clock.nowMs())
      tasks.start(key, () =>
        commit(row, leftMs, context).catch((error: unknown) =>
          context.logger.warn({ err: error, jobId, round }, 'commitment not repeated'),
        ),
      )
    } else {
      const { assignment: seated, signature: assignmentSignature } = assignment
      const work = {
        type: 'run',
        jobId,
        order,
        orderSignature,
        request,
        assignment: seated,
        assignmentSignature,
      } as const
      tasks.start(key, () => seatJob(work, context))
    }
  }
}
