import type { Address, Hex } from 'viem'
import type { ProviderId } from '../ids.ts'
import { eip712Domain, type MeshDomain } from './domain.ts'
import { hashStatement } from './hashStatement.ts'

/** EIP-712 type of a ChannelConfig; field order is that of `contracts/src/types/ChannelConfig.sol`. */
export const channelConfigTypes = {
  ChannelConfig: [
    { name: 'payer', type: 'address' },
    { name: 'payerKey', type: 'address' },
    { name: 'providerId', type: 'uint32' },
    { name: 'withdrawDelay', type: 'uint40' },
    { name: 'salt', type: 'bytes32' },
  ],
} as const

/** What a payment channel is, for ever. Its digest is the channel id. */
export type ChannelConfig = {
  /** Funds the channel and gets back what is not claimed. */
  payer: Address
  /** Key that signs the vouchers; may be the payer itself. */
  payerKey: Address
  /** The only provider that can claim. */
  providerId: ProviderId
  /** Seconds between `startClose` and `close`, 15 minutes to 30 days; providers claim more often than that. */
  withdrawDelay: number
  /** Tells apart channels of the same parties. */
  salt: Hex
}

/** Typed data of a ChannelConfig. Nobody signs it; its digest names the channel. */
export const channelConfigTypedData = (domain: MeshDomain, config: ChannelConfig) =>
  ({
    domain: eip712Domain(domain),
    types: channelConfigTypes,
    primaryType: 'ChannelConfig',
    message: config,
  }) as const

/** The id of a channel: the EIP-712 digest of its config. */
export const channelIdOf = (domain: MeshDomain, config: ChannelConfig): Hex =>
  hashStatement(channelConfigTypedData(domain, config))
