import { type ChannelConfig, hashCanonical, type ProviderId } from '@duckmesh/protocol'
import type { Address } from 'viem'

/**
 * Config of a payer's channel number `index` to a provider. The salt follows from the parties and the number, so that a
 * purse of which an old copy was restored finds the channels that came later by asking the chain. It finds none of
 * another purse: each has a voucher key of its own.
 */
export function channelConfigOf(
  parties: { payer: Address; payerKey: Address; providerId: ProviderId; withdrawDelay: number },
  index: number,
): ChannelConfig {
  const { payer, payerKey, providerId } = parties
  return { ...parties, salt: hashCanonical({ kind: 'channel', payer, payerKey, providerId, index }) }
}
