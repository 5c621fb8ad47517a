import { encodeAbiParameters, type Hex, keccak256 } from 'viem'
import type { ProviderId } from '../ids.ts'

/** Seats of a round with what they promised, in seat order; a zero commitment for a seat that never committed. */
export type CommittedSeats = { seats: readonly ProviderId[]; commitments: readonly Hex[] }

/**
 * Hash of a round's seats and commitments: what a SeatReveal names, and what the contract keeps of an anchored round.
 * The same as `SeatsDigest.sol`.
 * @returns keccak256(abi.encode(seats, commitments))
 * @example seatsDigest({ seats: [7, 2, 300], commitments })
 */
export const seatsDigest = ({ seats, commitments }: CommittedSeats): Hex =>
  keccak256(encodeAbiParameters([{ type: 'uint32[]' }, { type: 'bytes32[]' }], [seats, commitments]))
