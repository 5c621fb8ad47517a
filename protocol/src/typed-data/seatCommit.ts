import type { Hex } from 'viem'
import type { ProviderId } from '../ids.ts'
import { eip712Domain, type MeshDomain } from './domain.ts'

/** EIP-712 type of a SeatCommit. */
export const seatCommitTypes = {
  SeatCommit: [
    { name: 'assignmentHash', type: 'bytes32' },
    { name: 'providerId', type: 'uint32' },
    { name: 'commitment', type: 'bytes32' },
  ],
} as const

/** A seat's promise of one result, and its consent to put the bond at stake for it. */
export type SeatCommit = {
  /** hashStruct of the Assignment, which says the job and the round; see `assignmentHash`. */
  assignmentHash: Hex
  providerId: ProviderId
  /** See `verification/commitment.ts`. */
  commitment: Hex
}

/** Typed data of a SeatCommit, signed by the provider's signing key. */
export const seatCommitTypedData = (domain: MeshDomain, commit: SeatCommit) =>
  ({
    domain: eip712Domain(domain),
    types: seatCommitTypes,
    primaryType: 'SeatCommit',
    message: commit,
  }) as const
