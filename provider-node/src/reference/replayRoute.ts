import { DuckMeshError, replayBodySchema } from '@duckmesh/protocol'
import type { RequestHandler } from 'express'
import type { Address } from 'viem'
import { callerOf } from '../http/caller.ts'
import { sendJson } from '../http/errors.ts'
import { parse } from '../http/parse.ts'
import { createValidator, type ValidatorParts } from './validator.ts'

/**
 * Refuses callers that do not pay this node for anything; before a body is read.
 * @param mayAsk whether an account has a channel here
 * @throws (the handler) DuckMeshError `FORBIDDEN`
 */
export function payersOnly(mayAsk: (account: Address) => boolean): RequestHandler {
  return (_request, response, next) => {
    if (!mayAsk(callerOf(response))) {
      throw new DuckMeshError('FORBIDDEN', 'Only who has a channel with this node may ask for replays.')
    }
    next()
  }
}

/**
 * `POST /v1/replays`: answers with a SignedVerdict, free of charge and after paid work: a replay runs only while no
 * paid stream does, one at a time, with few in the queue. A caller that goes away ends its replay.
 * @throws (the handler) DuckMeshError `BAD_REQUEST`, and what a Validator throws
 */
export function replayRoute(parts: ValidatorParts): RequestHandler {
  const judge = createValidator(parts)
  return async (request, response) => {
    const body = parse(replayBodySchema, request.body)
    const leaving = new AbortController()
    response.on('close', () => leaving.abort(new Error('The caller went away.')))
    sendJson(response, 200, await judge(body, leaving.signal))
  }
}
