import type { ChannelBooks } from '@duckmesh/protocol'
import { type Address, isAddressEqual } from 'viem'
import type { ChannelState } from '../ports/channelChain.ts'
import type { ChannelRecord } from '../ports/purseStore.ts'

/** Why a channel must not be used any more. */
export type Doubt = NonNullable<ChannelRecord['fault']>

/** A channel under another key than the purse has now, of an earlier version: nothing can be promised on it any more. */
export function keyDoubt({ config }: ChannelRecord, voucherKey: Address): Doubt | undefined {
  if (isAddressEqual(config.payerKey, voucherKey)) return undefined
  return behind(`Its vouchers are signed by ${config.payerKey}, and this purse has ${voucherKey}.`)
}

/**
 * Compares the store with the chain. Nobody can claim more than a voucher that this key signed: if somebody did, the
 * store is older than that voucher (a restored backup), and signing on from it would promise blindly.
 */
export function chainDoubt(channel: ChannelRecord, chain: ChannelState): Doubt | undefined {
  if (chain.claimedWei > channel.voucherWei) {
    return behind(
      `${chain.claimedWei} wei were claimed, and the largest voucher in the store is ${channel.voucherWei} wei.`,
    )
  }
  if (channel.onChain.isOpened && !chain.isOpened) {
    return behind('The chain does not know a channel that the store says was opened.')
  }
  return undefined
}

/**
 * Compares the store with the provider's books: a provider that has a larger voucher, or says that more is owed than the
 * largest voucher allows, is either lying or knows vouchers which this store has forgotten. In both cases the channel is
 * over.
 */
export function booksDoubt(channel: ChannelRecord, books: ChannelBooks): Doubt | undefined {
  if (books.voucherWei > channel.voucherWei) {
    return behind(
      `The provider has a voucher of ${books.voucherWei} wei, and the largest in the store is ${channel.voucherWei} wei.`,
    )
  }
  return owedDoubt(channel, books.owedWei)
}

/** Compares what a provider says it is owed with what it may claim at most: an honest one never gives beyond that. */
export function owedDoubt({ voucherWei }: ChannelRecord, saidWei: bigint): Doubt | undefined {
  if (saidWei <= voucherWei) return undefined
  const message = `The provider says that ${saidWei} wei are owed, and the largest voucher is ${voucherWei} wei.`
  return { code: 'STREAM_INVALID', message }
}

const behind = (message: string): Doubt => ({ code: 'PURSE_BEHIND', message })
