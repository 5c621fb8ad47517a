import {
  assignmentHash,
  DuckMeshError,
  type Receipt,
  receiptTypedData,
  type SignedReceipt,
  seatShareWei,
} from '@duckmesh/protocol'
import { zeroHash } from 'viem'
import type { AnchoredSeats } from '../ports/chain.ts'
import type { Row, SeatAssignment } from '../ports/journal.ts'
import { checkAssignmentSignature } from './check.ts'
import type { LoopContext } from './context.ts'

/**
 * The one receipt of a job: signed once, kept, and given again ever after.
 * @param bound seats of a round as anchored or paid, undefined in the on-chain lane: the receipt names their assignment
 * @throws DuckMeshError `WRONG_STAGE` when nothing was promised or the assignment cannot be had
 */
export async function receiptOf(
  row: Row,
  bound: AnchoredSeats | undefined,
  context: LoopContext,
): Promise<SignedReceipt> {
  if (row.receipt) return row.receipt
  const { jobId, round, order, promised } = row
  if (!promised) throw new DuckMeshError('WRONG_STAGE', 'There is no result yet.', { jobId, round })
  const assigned = bound && (await assignmentOf(row, bound, context))
  const receipt: Receipt = {
    jobId,
    providerId: context.providerId,
    outputHash: promised.outputHash,
    assignmentHash: assigned ? assignmentHash(assigned.assignment) : zeroHash,
    amountWei: seatShareWei(order, round),
    promptTokens: promised.promptTokens,
    completionTokens: promised.result.tokens.length,
    startedAt: promised.startedAt,
    finishedAt: promised.finishedAt,
  }
  const signature = await context.signer.signTypedData(receiptTypedData(context.chain.domain, receipt))
  return context.journal.signReceipt(jobId, round, { receipt, signature })
}

/** The assignment of the bound seats: our own, or a later one that replaced another seat. */
async function assignmentOf(
  row: Row,
  { seats }: AnchoredSeats,
  context: LoopContext,
): Promise<SeatAssignment> {
  const isOfSeats = (candidate: SeatAssignment) =>
    candidate.assignment.round === row.round && candidate.assignment.seats.join() === seats.join()
  if (row.assignment && isOfSeats(row.assignment)) return row.assignment
  const { assignments } = await context.coordinator.jobStatus(row.jobId)
  const later = assignments.find(isOfSeats)
  if (!later || later.assignment.jobId !== row.jobId) {
    throw new DuckMeshError('WRONG_STAGE', 'No assignment of the bound seats is known.', { seats })
  }
  await checkAssignmentSignature(context, row.order, later.assignment, later.signature)
  context.journal.reassign(row.jobId, row.round, later)
  return later
}
