import { authenticate, bytes32Schema, DuckMeshError } from '@duckmesh/protocol'
import type { RequestHandler } from 'express'
import { isAddressEqual, zeroHash } from 'viem'
import type { LoopContext } from '../loop/context.ts'
import { receiptOf } from '../loop/receipt.ts'
import { anchoredSeats, settledSeats } from '../loop/seatEvents.ts'
import { nowSeconds } from '../ports/clock.ts'
import type { Row } from '../ports/journal.ts'
import { sendJson } from './errors.ts'
import { parse } from './parse.ts'

/**
 * `GET /jobs/:jobId/result`: result and receipt, for the requester alone, once the hash of the result is public on
 * chain. Before that, another seat could copy it.
 */
export function jobResult(context: LoopContext): RequestHandler {
  const { chain, clock, journal, signer } = context
  return async (request, response) => {
    const header = request.headers.authorization
    const account = await authenticate(chain.domain, header, signer.address, nowSeconds(clock))
    const jobId = parse(bytes32Schema, request.params.jobId)
    const row = journal.findLatest(jobId)
    if (!row) throw new DuckMeshError('JOB_NOT_FOUND', 'This node has no such job.', { jobId })
    if (!isAddressEqual(account, row.order.requester)) {
      throw new DuckMeshError('FORBIDDEN', 'Only the requester may read the result.', { jobId })
    }
    if (!row.promised || !(await isPublic(row, context))) {
      const state = row.outcome?.kind ?? row.state
      if (row.state === 'final' || row.state === 'abandoned') {
        throw new DuckMeshError('JOB_FAILED', 'This node delivered no result.', { jobId, state })
      }
      throw new DuckMeshError('JOB_NOT_DONE', 'The result is not public on chain yet.', { jobId, state })
    }
    const logs = row.lane === 'redundant' ? await chain.jobLogs(jobId, row.seenBlock) : []
    const bound = settledSeats(logs, row, context.providerId) ?? anchoredSeats(logs, row.round)
    const receipt = await receiptOf(row, bound, context)
    sendJson(response, 200, { result: row.promised.result, receipt })
  }
}

/** Whether the hash of this node's result is on chain. */
async function isPublic({ jobId, lane, outcome }: Row, { chain, providerId }: LoopContext): Promise<boolean> {
  if (outcome) return outcome.isOpened
  if (lane === 'redundant') return (await chain.seatOpening(jobId, providerId)) !== zeroHash
  const { status } = await chain.job(jobId)
  // not `refunded`: a requester that cancelled after the run has not paid for the answer
  return ['submitted', 'disputed', 'committing', 'anchored', 'paid'].includes(status)
}
