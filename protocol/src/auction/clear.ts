import { encodeAbiParameters, type Hex, hexToBigInt, keccak256 } from 'viem'
import type { ProviderId } from '../ids.ts'

/** A bid that everybody can see: revealed on chain, or signed off chain. */
export type OpenBid = {
  providerId: ProviderId
  /** What the provider asks for, DUCK wei. */
  bidWei: bigint
  /** Decides between equal bids, the lower one first. On chain the number of the commit, off chain `tieRank`. */
  rank: bigint
}

/** Who gets the job and what it is paid. */
export type Clearing = {
  winnerId: ProviderId
  /** What the winner asked for, DUCK wei. */
  bidWei: bigint
  /** What the winner is paid, DUCK wei: `bidWei <= priceWei <= reserveWei`. */
  priceWei: bigint
}

/**
 * The outcome of a reverse auction: the lowest bid wins and is paid the second lowest, or the reserve price when it is
 * the only one. So nobody gains by asking for another price than its own. The order of `bids` does not matter. The same
 * rule as `ReverseAuction.sol`.
 *
 * Left out are bids below zero or above the reserve price, and all bids of a provider but its lowest: a second bid of
 * the winner must not set the price.
 * @param bids in any order
 * @param reserveWei most that is paid, DUCK wei
 * @returns undefined when no bid is left
 * @example
 * clearAuction([{ providerId: 1, bidWei: 5n, rank: 1n }, { providerId: 2, bidWei: 7n, rank: 2n }], 9n)
 * // { winnerId: 1, bidWei: 5n, priceWei: 7n }
 */
export function clearAuction(bids: readonly OpenBid[], reserveWei: bigint): Clearing | undefined {
  const lowest = new Map<ProviderId, OpenBid>()
  for (const bid of bids) {
    if (bid.bidWei < 0n || bid.bidWei > reserveWei) continue
    const other = lowest.get(bid.providerId)
    if (!other || compareBids(bid, other) < 0) lowest.set(bid.providerId, bid)
  }
  const [best, second] = [...lowest.values()].sort(compareBids)
  if (!best) return undefined
  return { winnerId: best.providerId, bidWei: best.bidWei, priceWei: second?.bidWei ?? reserveWei }
}

/**
 * Order of bids, best first: by price, then by rank, then by provider id.
 * @returns below zero when `a` is better
 */
export function compareBids(a: OpenBid, b: OpenBid): number {
  if (a.bidWei !== b.bidWei) return a.bidWei < b.bidWei ? -1 : 1
  if (a.rank !== b.rank) return a.rank < b.rank ? -1 : 1
  return a.providerId - b.providerId
}

/**
 * Rank of a bid that has no place in a chain's order: whoever collects bids cannot choose it, and everybody can
 * recompute it.
 * @param auctionId 32 bytes that name the auction
 * @returns keccak256(abi.encode(auctionId, providerId)) as a number
 * @example tieRank(auctionId, 7) // 2^256 > rank >= 0
 */
export const tieRank = (auctionId: Hex, providerId: ProviderId): bigint =>
  hexToBigInt(
    keccak256(encodeAbiParameters([{ type: 'bytes32' }, { type: 'uint32' }], [auctionId, providerId])),
  )
