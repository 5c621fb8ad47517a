import { DuckMeshError, type Route } from '@duckmesh/protocol'
import type { RequestHandler } from 'express'
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible'

/**
 * Refuses a client address that calls a route more often than the protocol's table allows.
 * @throws DuckMeshError `RATE_LIMITED` with `details.retryAfterMs`
 */
export function rateLimit({ ratePerMinute }: Route): RequestHandler {
  const limiter = new RateLimiterMemory({ points: ratePerMinute, duration: 60 })
  return async (request, _response, next) => {
    await limiter.consume(request.ip ?? 'unknown').catch(({ msBeforeNext: retryAfterMs }: RateLimiterRes) => {
      throw new DuckMeshError('RATE_LIMITED', `At most ${ratePerMinute} calls a minute.`, { retryAfterMs })
    })
    next()
  }
}
