import { encodeAbiParameters, hexToBigInt, keccak256 } from 'viem'
import type { AnchoredSeats } from '../ports/chain.ts'

/** The contract keeps the high 200 of 256 bits. */
const DROPPED_BITS = 56n

/** What `jobOf(jobId).tag` is when exactly these seats and commitments are anchored. Source: `JobWord.sol`. */
export function seatsTag({ seats, commitments }: AnchoredSeats): bigint {
  const encoded = encodeAbiParameters([{ type: 'uint32[]' }, { type: 'bytes32[]' }], [seats, commitments])
  return hexToBigInt(keccak256(encoded)) >> DROPPED_BITS
}
