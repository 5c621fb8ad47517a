import type { Buyer, ChannelView } from '@duckmesh/gateway'
import { DuckMeshError } from '@duckmesh/protocol'
import { type OpenBuyerParameters, openBuyer } from './openBuyer.ts'

/** Longest time for the closes to get into a block, ms. */
const CLOSE_MS = 120_000
const POLL_MS = 100

/** Policy under which a buyer closes every channel on which nothing runs. */
const closeAll = { idleCloseMs: 0 }

/**
 * Starts the close of every channel, and finishes those whose delay is over.
 * @returns the channels as they are then
 * @throws DuckMeshError `WAIT_TIMEOUT` with `details.open`, see `openBuyer`
 */
export async function closeChannels(parameters: OpenBuyerParameters): Promise<ChannelView[]> {
  const buyer = await openBuyer({ ...parameters, policy: closeAll, tendEveryMs: 2 * POLL_MS })
  try {
    return await waitFor(buyer, (channels) =>
      channels.every(({ state, returnsAtMs }) => state === 'closed' || (returnsAtMs ?? 0) > Date.now()),
    )
  } finally {
    await buyer.close()
  }
}

async function waitFor(buyer: Buyer, holds: (channels: ChannelView[]) => boolean): Promise<ChannelView[]> {
  const endMs = Date.now() + CLOSE_MS
  for (;;) {
    const channels = buyer.channels()
    if (buyer.health().chain.isOk && holds(channels)) return channels
    if (Date.now() > endMs) {
      const open = channels.map(({ channelId, state }) => ({ channelId, state }))
      throw new DuckMeshError('WAIT_TIMEOUT', 'Some channels could not be closed.', { open })
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}
