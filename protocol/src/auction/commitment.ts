import { encodeAbiParameters, type Hex, keccak256 } from 'viem'
import type { ProviderId } from '../ids.ts'

/** Everything that a sealed bid binds. Whoever loses `bidWei` or `salt` cannot reveal, and loses the deposit. */
export type SealedBid = {
  auctionId: Hex
  providerId: ProviderId
  /** What the provider asks for, DUCK wei; above the reserve price it can never be revealed. */
  bidWei: bigint
  /** 32 random bytes: without them the price could be guessed from its commitment. */
  salt: Hex
}

/**
 * Commitment to one bid, for `ReverseAuction.commitBid`. Auction and provider are inside, so a copy can never be
 * revealed. The same as `BidWordLib.commitmentOf` in Solidity.
 * @example bidCommitmentOf({ auctionId, providerId: 7, bidWei: parseDuck('4'), salt }) // '0x…' 32 bytes
 * @returns keccak256(abi.encode(auctionId, providerId, bidWei, salt))
 */
export function bidCommitmentOf({ auctionId, providerId, bidWei, salt }: SealedBid): Hex {
  return keccak256(
    encodeAbiParameters(
      [{ type: 'bytes32' }, { type: 'uint32' }, { type: 'uint96' }, { type: 'bytes32' }],
      [auctionId, providerId, bidWei, salt],
    ),
  )
}
