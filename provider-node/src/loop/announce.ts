import { type Announce, hashCanonical } from '@duckmesh/protocol'
import type { Streaming } from '../streaming/createStreaming.ts'
import { version } from '../version.ts'
import type { LoopContext } from './context.ts'

/** What this node says about itself, at the prices that hold from now on. */
export async function announcement(
  context: LoopContext,
  endpoint: string | null,
  streaming: Streaming | undefined,
): Promise<Announce> {
  const { config, prices, providerId } = context
  await prices.refresh()
  return {
    providerId,
    offers: offers(context, streaming),
    capacity: config.CAPACITY,
    endpoint,
    sealKey: (await streaming?.sealKey()) ?? null,
    version,
  }
}

/** What is served now, and for how much. Nothing is streamed while the lane takes no new work. */
export function offers(
  { executors, prices }: LoopContext,
  streaming: Streaming | undefined,
): Announce['offers'] {
  return executors.map(({ profile }) => ({
    profile,
    minPriceWei: prices.seatWei,
    streaming: streaming?.offer(hashCanonical(profile)) ?? null,
  }))
}

/** Tells the coordinator every HEARTBEAT_MS that the node is there, until the node stops. */
export async function announce(
  context: LoopContext,
  endpoint: string | null,
  streaming: Streaming | undefined,
): Promise<void> {
  const { clock, config, coordinator, logger, signal } = context
  while (!signal.aborted) {
    if (context.coordinatorAddress()) {
      const saying = announcement(context, endpoint, streaming).then((said) => coordinator.announce(said))
      await saying.catch((error: unknown) => {
        if (!signal.aborted) logger.debug({ err: error }, 'announcement failed')
      })
    }
    await clock.sleep(context.coordinatorAddress() ? config.HEARTBEAT_MS : 100, signal)
  }
}
