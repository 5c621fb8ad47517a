import { type Address, encodeAbiParameters, type Hex, keccak256 } from 'viem'
import { type Order, orderTypes } from '../typed-data/order.ts'

/** Least seconds between two of commitBy, revealBy, closeBy and order.acceptBy. */
export const MIN_AUCTION_WINDOW_SECONDS = 300

/** What is auctioned and until when; see `contracts/src/types/AuctionTerms.sol`. Times are unix seconds, last valid ones. */
export type AuctionTerms = {
  /**
   * The job. `requester` is `ReverseAuction.accountOf(buyer)`, `providerId` and `mode` are 0, `priceWei` is the reserve
   * price, `nonce` one that no other auction of the buyer has, `acceptBy` the winner's last second to accept.
   */
  order: Order
  /** To commit a bid. */
  commitBy: number
  /** To reveal one. */
  revealBy: number
  /** To award the job. */
  closeBy: number
}

/** Where an auction runs. */
export type AuctionDomain = {
  /** Chain id at the deployment of the contract. */
  chainId: number
  /** Address of the ReverseAuction contract. */
  auction: Address
}

// all fields are static, so the struct is encoded like the list of its fields
const termsParameters = [
  { type: 'uint256' },
  { type: 'address' },
  { type: 'tuple', components: orderTypes.Order },
  { type: 'uint40' },
  { type: 'uint40' },
  { type: 'uint40' },
] as const

/**
 * Name of an auction, as `ReverseAuction.auctionIdOf` gives it.
 * @returns keccak256(abi.encode(chainId, auction, terms))
 * @example auctionIdOf({ chainId: 31337, auction }, terms) // '0x…' 32 bytes
 */
export const auctionIdOf = ({ chainId, auction }: AuctionDomain, terms: AuctionTerms): Hex =>
  keccak256(
    encodeAbiParameters(termsParameters, [
      BigInt(chainId),
      auction,
      terms.order,
      terms.commitBy,
      terms.revealBy,
      terms.closeBy,
    ]),
  )

/**
 * The order that the mesh gets when the auction is awarded; its digest is the job id.
 * @param winnerId provider of the lowest bid
 * @param priceWei second lowest bid or reserve price, DUCK wei; see `clearAuction`
 * @example jobIdOf(meshDomain, awardedOrder(terms, winnerId, priceWei)) // '0x…' 32 bytes
 */
export const awardedOrder = (terms: AuctionTerms, winnerId: number, priceWei: bigint): Order => ({
  ...terms.order,
  providerId: winnerId,
  priceWei,
})
