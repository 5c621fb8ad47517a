import { DuckMeshError, stringifyWire } from '@duckmesh/protocol'
import type { ErrorRequestHandler, RequestHandler } from 'express'
import type { Logger } from 'pino'
import { ZodError } from 'zod'

/** Refuses what no route took. */
export const notFound: RequestHandler = (request, _response, next) => {
  next(new DuckMeshError('NOT_FOUND', `There is no ${request.method} ${request.path}.`))
}

/** The one place where an error becomes an answer. */
export function errorMapper(logger: Logger): ErrorRequestHandler {
  return (thrown, request, response, next) => {
    const error = toDuckMeshError(thrown)
    if (error.status >= 500)
      logger.error({ err: thrown, path: request.path, id: response.locals.id }, error.message)
    if (response.headersSent) {
      next(thrown)
      return
    }
    if (error.code === 'RATE_LIMITED') {
      response.setHeader('retry-after', Math.ceil(Number(error.details.retryAfterMs ?? 1_000) / 1_000))
    }
    const body = { error: { ...error.toWire(), requestId: response.locals.id } }
    response.status(error.status).type('application/json').send(stringifyWire(body))
  }
}

function toDuckMeshError(thrown: unknown): DuckMeshError {
  if (thrown instanceof ZodError) {
    const issues = thrown.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }))
    const named = issues.map((issue) => `${issue.path || 'body'}: ${issue.message}`).slice(0, 3)
    return new DuckMeshError('BAD_REQUEST', `Bad request: ${named.join('; ')}.`, {
      issues: issues.slice(0, 20),
    })
  }
  const type = (thrown as { type?: unknown } | null)?.type
  if (type === 'entity.too.large') {
    const { limit } = thrown as { limit?: number }
    return new DuckMeshError('BODY_TOO_LARGE', `The body is longer than ${limit} bytes.`, {
      limitBytes: limit,
    })
  }
  if (typeof type === 'string' && /^(entity|encoding|charset|request)\./.test(type)) {
    return new DuckMeshError('BAD_REQUEST', 'The body is not JSON.')
  }
  const internal = DuckMeshError.from(thrown)
  // what an unforeseen error says may name paths or queries: it goes to the log, not to the caller
  return internal.code === 'INTERNAL'
    ? new DuckMeshError('INTERNAL', 'Something unforeseen failed.')
    : internal
}
