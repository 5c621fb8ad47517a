import type { RequestHandler, Response } from 'express'
import type { Address } from 'viem'
import type { Streaming } from '../streaming/createStreaming.ts'

/**
 * Finds out who calls, before anything else is read.
 * @throws DuckMeshError `UNAUTHENTICATED`
 */
export function identifyCaller(streaming: Pick<Streaming, 'caller'>): RequestHandler {
  return async (request, response, next) => {
    response.locals.account = await streaming.caller(request.headers.authorization)
    next()
  }
}

/** Who calls, as `identifyCaller` found. */
export const callerOf = (response: Response): Address => response.locals.account as Address
