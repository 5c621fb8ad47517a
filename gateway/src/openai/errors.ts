import { DuckMeshError } from '@duckmesh/protocol'
import type { ErrorRequestHandler, RequestHandler } from 'express'
import type { Gateway } from '../gateway.ts'
import { errorBody, toCallerError } from './errorBody.ts'

/** Refuses what no route took. */
export const notFound: RequestHandler = ({ method, baseUrl, path }) => {
  throw new DuckMeshError('NOT_FOUND', `There is no ${method} ${baseUrl}${path}.`)
}

/**
 * Refuses bodies of every type but JSON. A page of another site can send the other types to a gateway on this machine
 * without its browser asking first; this one it cannot.
 */
export const requireJson: RequestHandler = (request, _response, next) => {
  if (request.is('application/json')) next()
  else next(new DuckMeshError('BAD_REQUEST', 'The body must have the content type application/json.'))
}

/** The one place where an error becomes an answer. */
export function errorMapper({ onError }: Pick<Gateway, 'onError'>): ErrorRequestHandler {
  return (thrown, request, response, next) => {
    const error = toCallerError(thrown)
    if (error.code === 'INTERNAL') {
      onError(thrown, { requestId: String(response.getHeader('x-request-id')), path: request.path })
    }
    if (response.headersSent) {
      next(thrown)
      return
    }
    if (typeof error.details.retryAfterMs === 'number') {
      response.setHeader('retry-after', Math.ceil(error.details.retryAfterMs / 1_000))
    }
    // clients of the API follow this header; without it they try some statuses again whatever the reason is
    response.setHeader('x-should-retry', String(error.retryable))
    response.status(error.status).json(errorBody(error))
  }
}
