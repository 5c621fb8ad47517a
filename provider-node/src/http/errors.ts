import { DuckMeshError, stringifyWire } from '@duckmesh/protocol'
import type { ErrorRequestHandler, RequestHandler, Response } from 'express'
import type { Logger } from 'pino'

/** Sends JSON with amounts as decimal strings. */
export function sendJson(response: Response, status: number, body: unknown): void {
  response.status(status).type('application/json').send(stringifyWire(body))
}

/** Answers every path that is not a route. */
export const unknownRoute: RequestHandler = (request) => {
  throw new DuckMeshError('NOT_FOUND', 'There is no such route.', { method: request.method })
}

/** Turns whatever a route throws into the one wire form of errors. */
export function errorMapper(logger: Logger): ErrorRequestHandler {
  return (thrown: unknown, _request, response, next) => {
    if (response.headersSent) return next(thrown)
    const error = fromBodyParser(thrown) ?? DuckMeshError.from(thrown)
    if (error.status >= 500) logger.error({ err: error }, 'request failed')
    const { retryAfterMs } = error.details
    if (typeof retryAfterMs === 'number') response.set('retry-after', `${Math.ceil(retryAfterMs / 1_000)}`)
    // what went wrong inside is for the log, not for whoever calls
    const told = error.code === 'INTERNAL' ? new DuckMeshError('INTERNAL', 'Something went wrong.') : error
    sendJson(response, error.status, { error: told.toWire() })
  }
}

/** Errors that Express' body parser and router throw, by their `type` and `status`. */
function fromBodyParser(thrown: unknown): DuckMeshError | undefined {
  if (thrown instanceof DuckMeshError || !(thrown instanceof Error)) return undefined
  const { type, status, limit } = thrown as { type?: string; status?: number; limit?: number }
  if (type === 'entity.too.large') {
    return new DuckMeshError('BODY_TOO_LARGE', 'The body is too large.', { limitBytes: limit })
  }
  if (type === 'entity.parse.failed') return new DuckMeshError('BAD_REQUEST', 'The body is not JSON.')
  if (status !== undefined && status >= 400 && status < 500) {
    return new DuckMeshError('BAD_REQUEST', 'The request is malformed.', { type })
  }
  return undefined
}
