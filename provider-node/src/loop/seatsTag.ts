import { seatsDigest } from '@duckmesh/protocol'
import { hexToBigInt } from 'viem'
import type { AnchoredSeats } from '../ports/chain.ts'

/** The contract keeps the high 200 of 256 bits. */
const DROPPED_BITS = 56n

/** What `jobOf(jobId).tag` is when exactly these seats and commitments are anchored. Source: `JobWord.sol`. */
export const seatsTag = (anchored: AnchoredSeats): bigint =>
  hexToBigInt(seatsDigest(anchored)) >> DROPPED_BITS
