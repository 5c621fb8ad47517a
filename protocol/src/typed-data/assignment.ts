import { type Hex, hashStruct } from 'viem'
import type { JobId, ProviderId } from '../ids.ts'
import { eip712Domain, type MeshDomain } from './domain.ts'

/** EIP-712 type of an Assignment. */
export const assignmentTypes = {
  Assignment: [
    { name: 'jobId', type: 'bytes32' },
    { name: 'round', type: 'uint8' },
    { name: 'seats', type: 'uint32[]' },
    { name: 'seed', type: 'bytes32' },
    { name: 'candidatesHash', type: 'bytes32' },
    { name: 'issuedAt', type: 'uint40' },
  ],
} as const

/** The coordinator's statement of who was drawn for a job, from whom and with which randomness. */
export type Assignment = {
  jobId: JobId
  /** 0 for the first seating, 1 for the one re-seat. */
  round: number
  /** Provider ids in the order in which they were drawn. */
  seats: ProviderId[]
  /** keccak256 of the VRF output, see `selection/vrf.ts`. */
  seed: Hex
  /** Hash of the candidates and weights of the draw, see `selection/draw.ts`. */
  candidatesHash: Hex
  /** Unix seconds. */
  issuedAt: number
}

/** Typed data of an Assignment, signed by `order.coordinator`. */
export const assignmentTypedData = (domain: MeshDomain, assignment: Assignment) =>
  ({
    domain: eip712Domain(domain),
    types: assignmentTypes,
    primaryType: 'Assignment',
    message: assignment,
  }) as const

/** hashStruct of an Assignment (without domain): what a Receipt binds. */
export const assignmentHash = (assignment: Assignment): Hex =>
  hashStruct({ types: assignmentTypes, primaryType: 'Assignment', data: assignment })
