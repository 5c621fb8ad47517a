import { meshEvents } from '../../chain/meshEvents.ts'
import { readMesh } from '../../chain/readMesh.ts'
import type { ClientContext } from '../../clients/clientContext.ts'
import { inBatches } from '../../transport/inBatches.ts'

/**
 * What all channels hold at a block: paid in, and neither claimed nor given back, DUCK wei.
 * @throws DuckMeshError `CHAIN_UNAVAILABLE`
 */
export async function readChannels(context: ClientContext, blockNumber: bigint): Promise<bigint> {
  const opened = await meshEvents(context, 'ChannelOpened', {}, blockNumber)
  const channels = await inBatches(opened, ({ args }) =>
    readMesh(context, 'channelOf', [args.channelId], blockNumber),
  )
  return channels.reduce((sum, { fundedWei, claimedWei }) => sum + fundedWei - claimedWei, 0n)
}
