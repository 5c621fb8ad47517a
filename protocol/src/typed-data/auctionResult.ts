import type { Hex } from 'viem'
import type { JobId } from '../ids.ts'
import { eip712Domain, type MeshDomain } from './domain.ts'

/** EIP-712 type of an AuctionResult. */
export const auctionResultTypes = {
  AuctionResult: [
    { name: 'jobId', type: 'bytes32' },
    { name: 'bids', type: 'bytes' },
  ],
} as const

/** The coordinator's signed list of the bids for one order; the chain finds winner and price from it. */
export type AuctionResult = {
  jobId: JobId
  /** 16 bytes each, big-endian: providerId 4 | priceWei 12, in the order in which they came; see `packBids`. */
  bids: Hex
}

/** Typed data of an AuctionResult, signed by the order's coordinator. */
export const auctionResultTypedData = (domain: MeshDomain, result: AuctionResult) =>
  ({
    domain: eip712Domain(domain),
    types: auctionResultTypes,
    primaryType: 'AuctionResult',
    message: result,
  }) as const
