import type { RequestHandler } from 'express'
import type { LoopContext } from '../loop/context.ts'
import { version } from '../version.ts'
import { sendJson } from './errors.ts'

/** `GET /health`: what the node serves, how loaded it is and whom it reaches. */
export function health(context: LoopContext): RequestHandler {
  const { chain, config, coordinator, executors, providerId, queue, signer } = context
  return (_request, response) => {
    const chainReachable = chain.unreachableSinceMs === undefined
    const coordinatorReachable =
      context.coordinatorAddress() !== undefined && coordinator.unreachableSinceMs === undefined
    sendJson(response, 200, {
      status: chainReachable && coordinatorReachable ? 'ok' : 'degraded',
      providerId,
      signingKey: signer.address,
      offers: executors.map(({ profile }) => ({ profile, minPriceWei: config.MIN_PRICE_DUCK })),
      capacity: config.CAPACITY,
      activeJobs: Math.min(queue.size, config.CAPACITY),
      queue: Math.max(0, queue.size - config.CAPACITY),
      coordinatorReachable,
      chainReachable,
      version,
    })
  }
}
