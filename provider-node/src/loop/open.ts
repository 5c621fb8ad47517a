import { DuckMeshError } from '@duckmesh/protocol'
import type { AnchoredSeats } from '../ports/chain.ts'
import type { Row } from '../ports/journal.ts'
import type { LoopContext } from './context.ts'
import { receiptOf } from './receipt.ts'
import { anchoredSeats, seatIndex, settledSeats } from './seatEvents.ts'
import { seatsTag } from './seatsTag.ts'

/**
 * Makes sure, on chain, that all seats are bound before this node opens: a result shown earlier could be copied, or
 * taken without being paid for.
 * @param told seats and commitments as the coordinator tells them; left out, they are read from the events
 * @throws DuckMeshError `WRONG_STAGE` when the chain does not show exactly this anchor, `NOT_A_SEAT` when it does
 * not bind this node's own commitment
 */
export async function verifyAnchor(
  row: Row,
  told: AnchoredSeats | undefined,
  context: LoopContext,
): Promise<AnchoredSeats> {
  const { chain, providerId } = context
  const { jobId, round } = row
  const job = await chain.job(jobId)
  if (job.status !== 'anchored' || job.round !== round) {
    const details = { jobId, round, status: job.status, onchainRound: job.round }
    throw new DuckMeshError('WRONG_STAGE', 'The chain shows no anchor of this round.', details)
  }
  const anchored = told ?? anchoredSeats(await chain.jobLogs(jobId, row.seenBlock), round)
  if (!anchored || seatsTag(anchored) !== job.tag) {
    const details = { jobId, round, seats: anchored?.seats }
    throw new DuckMeshError('WRONG_STAGE', 'Other seats or commitments are anchored.', details)
  }
  if (seatIndex(row, anchored, providerId) < 0) {
    throw new DuckMeshError('NOT_A_SEAT', 'The anchor does not bind this node.', { jobId, round })
  }
  return anchored
}

/**
 * Gives opening, result and receipt to the coordinator, once the chain shows that this seat was paid, or the anchor.
 * @throws DuckMeshError of `verifyAnchor` or of the coordinator; the watch tries again, and goes to the chain in time
 */
export async function open(row: Row, told: AnchoredSeats | undefined, context: LoopContext): Promise<void> {
  const { clock, coordinator, journal, observe, providerId } = context
  const { jobId, round, promised } = row
  if (!promised?.seat) throw new DuckMeshError('WRONG_STAGE', 'There is nothing to open.', { jobId, round })
  const bound = (await closedSeats(row, context)) ?? (await verifyAnchor(row, told, context))
  await observe('open-verified', { jobId, round })
  journal.note(jobId, round, 'boundSeenAtMs', clock.nowMs())
  const receipt = await receiptOf(row, bound, context)
  const { salt } = promised.seat
  await coordinator.open(jobId, { round, providerId, salt, result: promised.result, receipt })
  journal.note(jobId, round, 'openingAcceptedAtMs', clock.nowMs())
  await observe('opening-sent', { jobId, round })
}

/**
 * Seats that were paid at once, or whose round is closed with this node's output: then the hash is public, and delivering
 * late costs nothing. Undefined when neither is so.
 */
async function closedSeats(row: Row, { chain, providerId }: LoopContext): Promise<AnchoredSeats | undefined> {
  const isClosed = row.outcome?.isOpened === true
  if (!row.reveal && !isClosed) return undefined
  const logs = await chain.jobLogs(row.jobId, row.seenBlock)
  return settledSeats(logs, row, providerId) ?? (isClosed ? anchoredSeats(logs, row.round) : undefined)
}
