import type { RequestHandler } from 'express'
import { offers } from '../loop/announce.ts'
import type { LoopContext } from '../loop/context.ts'
import type { Streaming } from '../streaming/createStreaming.ts'
import { version } from '../version.ts'
import { sendJson } from './errors.ts'

/** `GET /health`: what the node serves, how loaded it is and whom it reaches. */
export function health(context: LoopContext, streaming: Streaming | undefined): RequestHandler {
  const { chain, config, coordinator, prices, providerId, queue, signer } = context
  return (_request, response) => {
    const chainReachable = chain.unreachableSinceMs === undefined
    const coordinatorReachable =
      context.coordinatorAddress() !== undefined && coordinator.unreachableSinceMs === undefined
    const streams = streaming?.health() ?? null
    const areWell = (streams?.status ?? 'ok') === 'ok' && prices.fault === null
    const isWell = chainReachable && coordinatorReachable && areWell
    sendJson(response, 200, {
      status: isWell ? 'ok' : 'degraded',
      providerId,
      signingKey: signer.address,
      offers: offers(context, streaming),
      streaming: streams,
      pricesFault: prices.fault,
      capacity: config.CAPACITY,
      activeJobs: Math.min(queue.size, config.CAPACITY),
      queue: Math.max(0, queue.size - config.CAPACITY),
      coordinatorReachable,
      chainReachable,
      version,
    })
  }
}
