import { type ChannelConfig, hashCanonical, type ProviderId } from '@duckmesh/protocol'
import type { Address } from 'viem'

/**
 * Config of a payer's channel number `index` to a provider. The salt follows from the parties and the number, so that a
 * purse that has lost its store finds its channels again by asking the chain. Two stores must not share a voucher key.
 */
export function channelConfigOf(
  parties: { payer: Address; payerKey: Address; providerId: ProviderId; withdrawDelay: number },
  index: number,
): ChannelConfig {
  const { payer, payerKey, providerId } = parties
  return { ...parties, salt: hashCanonical({ kind: 'channel', payer, payerKey, providerId, index }) }
}
