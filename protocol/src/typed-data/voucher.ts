import type { Hex } from 'viem'
import { eip712Domain, type MeshDomain } from './domain.ts'

/** EIP-712 type of a Voucher. */
export const voucherTypes = {
  Voucher: [
    { name: 'channelId', type: 'bytes32' },
    { name: 'maxCumulativeWei', type: 'uint96' },
  ],
} as const

/** A payer's promise that all claims of a channel together may reach an amount; a larger one replaces it. */
export type Voucher = {
  /** Digest of the ChannelConfig, see `channelIdOf`. */
  channelId: Hex
  /** DUCK wei since the channel was opened. */
  maxCumulativeWei: bigint
}

/** Typed data of a Voucher, signed by the payer key of the channel. */
export const voucherTypedData = (domain: MeshDomain, voucher: Voucher) =>
  ({ domain: eip712Domain(domain), types: voucherTypes, primaryType: 'Voucher', message: voucher }) as const
