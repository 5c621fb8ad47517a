import { DuckMeshError, jobIdOf, submitBodySchema } from '@duckmesh/protocol'
import type { RequestHandler } from 'express'
import { checkDirect } from '../loop/checkDirect.ts'
import type { LoopContext } from '../loop/context.ts'
import type { Row } from '../ports/journal.ts'
import { sendJson } from './errors.ts'
import { parse } from './parse.ts'

/** Directed jobs that may be open at once, for each slot of the node. */
const OPEN_PER_SLOT = 8

/**
 * `POST /jobs`: takes a directed order that was posted on chain. Answers 202 as soon as it is journalled; the same
 * order again gives the same answer.
 * @param start begins the work on a row
 */
export function submitDirect(context: LoopContext, start: (row: Row) => void): RequestHandler {
  const { clock, config, journal, observe } = context
  return async (request, response) => {
    const body = parse(submitBodySchema, request.body)
    const known = journal.find(jobIdOf(context.chain.domain, body.order), 0)
    if (known) return sendJson(response, 202, { jobId: known.jobId })
    const open = journal.list(['received', 'promised']).filter(({ lane }) => lane === 'direct').length
    if (open >= config.CAPACITY * OPEN_PER_SLOT) {
      throw new DuckMeshError('EXECUTOR_BUSY', 'This node has enough directed jobs for now.', { open })
    }
    const { jobId, blockNumber } = await checkDirect(body, context)
    await observe('work-received', { jobId, round: 0 })
    const row = journal.receive({
      jobId,
      round: 0,
      lane: 'direct',
      order: body.order,
      orderSignature: body.signature,
      request: body.request,
      assignment: null,
      seenBlock: blockNumber,
      receivedAtMs: clock.nowMs(),
    })
    start(row)
    sendJson(response, 202, { jobId })
  }
}
