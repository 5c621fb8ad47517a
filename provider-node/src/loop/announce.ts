import type { Announce } from '@duckmesh/protocol'
import { version } from '../version.ts'
import type { LoopContext } from './context.ts'

/** What this node says about itself. */
export function announcement(
  { config, executors, providerId }: LoopContext,
  endpoint: string | null,
): Announce {
  return {
    providerId,
    offers: executors.map(({ profile }) => ({
      profile,
      minPriceWei: config.MIN_PRICE_DUCK,
      streaming: null,
    })),
    capacity: config.CAPACITY,
    endpoint,
    sealKey: null,
    version,
  }
}

/** Tells the coordinator every HEARTBEAT_MS that the node is there, until the node stops. */
export async function announce(context: LoopContext, endpoint: string | null): Promise<void> {
  const { clock, config, coordinator, logger, signal } = context
  while (!signal.aborted) {
    if (context.coordinatorAddress()) {
      await coordinator.announce(announcement(context, endpoint)).catch((error: unknown) => {
        if (!signal.aborted) logger.debug({ err: error }, 'announcement failed')
      })
    }
    await clock.sleep(context.coordinatorAddress() ? config.HEARTBEAT_MS : 100, signal)
  }
}
