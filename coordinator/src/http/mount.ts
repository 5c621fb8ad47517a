import { randomUUID } from 'node:crypto'
import { authenticate, DuckMeshError, type Route, stringifyWire } from '@duckmesh/protocol'
import express, { type Request, type Response, type Router } from 'express'
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible'
import type { Address } from 'viem'
import type { Container } from '../container.ts'
import { nowSeconds } from '../ports/clock.ts'

/** A request as a handler sees it. */
export type Call = {
  parameters: Record<string, string>
  query: unknown
  body: unknown
  /** Signer of the session; always there on routes with `auth: 'session'`. */
  account: Address | undefined
  /** Aborts when the client goes away. */
  signal: AbortSignal
  request: Request
  response: Response
}

/** Gives the answer as a value, or has written it itself and gives undefined. */
export type Handler = (call: Call) => Promise<unknown>

/**
 * Puts a route of the protocol's table on a router: rate limit, body limit, authentication, then the handler.
 * A handler that wants another status than 200 sets it on the response.
 */
export function mount(router: Router, container: Container, route: Route, handler: Handler): void {
  const limiter = new RateLimiterMemory({ points: route.ratePerMinute, duration: 60 })
  const parseBody = express.json({ limit: route.bodyLimitBytes, strict: false, type: () => true })
  const method = route.method === 'GET' ? 'get' : 'post'
  router[method](
    route.path,
    async (request, response, next) => {
      response.locals.id = randomUUID()
      response.setHeader('x-request-id', response.locals.id)
      await limiter.consume(request.ip ?? 'unknown').catch((refusal: RateLimiterRes) => {
        const retryAfterMs = refusal.msBeforeNext
        throw new DuckMeshError('RATE_LIMITED', `At most ${route.ratePerMinute} calls a minute.`, {
          retryAfterMs,
        })
      })
      next()
    },
    ...(route.bodyLimitBytes > 0 ? [parseBody] : []),
    async (request, response) => {
      const { domain, signer, clock } = container
      const account =
        route.auth === 'session'
          ? await authenticate(domain, request.headers.authorization, signer.address, nowSeconds(clock))
          : undefined
      const gone = new AbortController()
      response.on('close', () => gone.abort())
      const { params, query, body } = request
      const parameters = params as Record<string, string>
      const answer = await handler({
        parameters,
        query,
        body,
        account,
        signal: gone.signal,
        request,
        response,
      })
      if (answer !== undefined) response.type('application/json').send(stringifyWire(answer))
    },
  )
}
