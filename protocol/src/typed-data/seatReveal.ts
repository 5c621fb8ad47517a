import type { Hex } from 'viem'
import type { ProviderId } from '../ids.ts'
import { eip712Domain, type MeshDomain } from './domain.ts'

/** EIP-712 type of a SeatReveal. */
export const seatRevealTypes = {
  SeatReveal: [
    { name: 'assignmentHash', type: 'bytes32' },
    { name: 'providerId', type: 'uint32' },
    { name: 'seatsDigest', type: 'bytes32' },
    { name: 'outputHash', type: 'bytes32' },
  ],
} as const

/**
 * A seat's statement of its output, made once and only when it holds the signed commitments of all seats of its
 * assignment. The reveals of all seats pay a job in one transaction (`settleSeats`).
 */
export type SeatReveal = {
  /** hashStruct of the Assignment, see `assignmentHash`. */
  assignmentHash: Hex
  providerId: ProviderId
  /** Seats and the commitments that the signer holds, see `verification/seatsDigest.ts`. */
  seatsDigest: Hex
  /** Canonical hash of the result. */
  outputHash: Hex
}

/** Typed data of a SeatReveal, signed by the provider's signing key. */
export const seatRevealTypedData = (domain: MeshDomain, reveal: SeatReveal) =>
  ({
    domain: eip712Domain(domain),
    types: seatRevealTypes,
    primaryType: 'SeatReveal',
    message: reveal,
  }) as const
