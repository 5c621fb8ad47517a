import type { ChannelConfig } from '@duckmesh/protocol'
import type { Address, Hex } from 'viem'
import { meshEvents } from '../../chain/meshEvents.ts'
import { readMesh } from '../../chain/readMesh.ts'
import { type ClientContext, walletOf } from '../../clients/clientContext.ts'
import { inBatches } from '../../transport/inBatches.ts'

/** A payment channel as the chain has it. Amounts are DUCK wei. */
export type AccountChannel = {
  channelId: Hex
  /** `payerKey` says which purse opened it: every purse has one of its own. */
  config: ChannelConfig
  /** Paid in minus given back. */
  fundedWei: bigint
  /** Claimed ever. */
  claimedWei: bigint
  /** Last unix second before it can be closed; 0 while no close was started. */
  closableAfter: number
}

/**
 * Reads all channels that an account ever opened, oldest first, from the chain alone: whichever gateway opened them, and
 * whether its purse is still there.
 * @param payer the client's own account if left out
 * @throws DuckMeshError `BAD_CONFIG` without any account, `CHAIN_UNAVAILABLE`
 */
export async function getChannels(context: ClientContext, payer?: Address): Promise<AccountChannel[]> {
  const account = payer ?? walletOf(context).account.address
  const opened = await meshEvents(context, 'ChannelOpened', { payer: account })
  return inBatches(opened, async ({ args: { channelId, config } }) => {
    const { fundedWei, claimedWei, closableAfter } = await readMesh(context, 'channelOf', [channelId])
    return { channelId, config, fundedWei, claimedWei, closableAfter }
  })
}
