import type { ChannelConfig, MeshDomain, ProviderId } from '@duckmesh/protocol'
import type { Address, Hex } from 'viem'
import type { PartHealth } from '../buyer.ts'

/** A channel as stored on chain. */
export type ChannelState = {
  /** Paid in minus given back, DUCK wei. */
  fundedWei: bigint
  /** Claimed ever, DUCK wei. */
  claimedWei: bigint
  /** Last unix second before close; 0 while no close was started. */
  closableAfter: number
  isOpened: boolean
}

/** What a payer may do with a channel. */
export type ChannelCall =
  | { kind: 'openChannel' | 'topUp'; config: ChannelConfig; amountWei: bigint }
  | { kind: 'startClose' | 'close'; config: ChannelConfig }

/**
 * The chain as the purse sees it. Reads throw `CHAIN_UNAVAILABLE` when it does not answer. `send` simulates first and
 * throws `CHAIN_REVERTED` with the contract's reason; whatever it throws, the caller reads the state again and decides
 * from that, since a transaction may have been mined although its answer was lost.
 */
export type ChannelChain = {
  domain: MeshDomain
  /** Account that sends, funds the channels and gets back what is not claimed. */
  payer: Address
  /** Whether it answered last time. */
  health(): PartHealth
  /** Unix seconds that the next block has at least. */
  nowSeconds(): Promise<number>
  /** Free DUCK of the payer inside DuckMesh, wei. */
  freeWei(): Promise<bigint>
  /** States of channels, all read from one block. */
  channels(channelIds: readonly Hex[]): Promise<ChannelState[]>
  /** Signing key of a provider, which is never taken from the provider or the coordinator. */
  signingKey(providerId: ProviderId): Promise<Address>
  /** Ids 1 .. count exist. */
  providerCount(): Promise<number>
  /** Sends from the payer, one transaction after another, and waits until it is in a block. */
  send(call: ChannelCall): Promise<void>
  /**
   * Waits until no transaction of the payer is on its way.
   * @returns false when one still is after the longest time
   */
  isQuiet(): Promise<boolean>
}
