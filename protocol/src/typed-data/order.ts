import type { Address, Hex } from 'viem'
import type { JobId } from '../ids.ts'
import { eip712Domain, type MeshDomain } from './domain.ts'
import { hashStatement } from './hashStatement.ts'

/** EIP-712 type of an Order; field order is that of `contracts/src/types/Order.sol`. */
export const orderTypes = {
  Order: [
    { name: 'requester', type: 'address' },
    { name: 'coordinator', type: 'address' },
    { name: 'providerId', type: 'uint32' },
    { name: 'kind', type: 'uint8' },
    { name: 'mode', type: 'uint8' },
    { name: 'seats', type: 'uint8' },
    { name: 'priceWei', type: 'uint96' },
    { name: 'bondWei', type: 'uint96' },
    { name: 'modelId', type: 'bytes32' },
    { name: 'inputHash', type: 'bytes32' },
    { name: 'policy', type: 'bytes32' },
    { name: 'nonce', type: 'uint64' },
    { name: 'acceptBy', type: 'uint40' },
    { name: 'execWindow', type: 'uint32' },
    { name: 'disputeWindow', type: 'uint32' },
  ],
} as const

/** The buyer's statement of what to run and what it may cost. Its digest is the job id. */
export type Order = {
  /** Who pays and signs. */
  requester: Address
  /** Whose signed Assignment seats the order; the zero address when nobody's may (on-chain lane only). */
  coordinator: Address
  /** The only provider that may accept; 0 for any. */
  providerId: number
  /** See `jobKinds`. */
  kind: number
  /** See `verificationModes`. */
  mode: number
  /** Seats of a redundant job (odd, 3 to 15), 1 otherwise. */
  seats: number
  /** Whole price in DUCK wei; each winning seat of a redundant job earns `priceWei / seats`. */
  priceWei: bigint
  /** Bond of each seat in DUCK wei, lost when the seat cheats or goes silent. */
  bondWei: bigint
  /** sha256 of the model artefact. */
  modelId: Hex
  /** Canonical hash of the request, see `hashCanonical`. */
  inputHash: Hex
  /** Canonical hash of the execution profile. */
  policy: Hex
  /** Any number not used before by this requester; one bit on chain. */
  nonce: bigint
  /** Last unix second at which the job may be accepted (on-chain lane) or anchored (redundant). */
  acceptBy: number
  /** Seconds to submit after accept, or to open after anchoring. */
  execWindow: number
  /** Seconds after submit in which a dispute may be opened. */
  disputeWindow: number
}

/**
 * Typed data of an order, for `signTypedData` of any wallet.
 * @param domain chain id and DuckMesh address
 * @param order the order
 */
export const orderTypedData = (domain: MeshDomain, order: Order) =>
  ({ domain: eip712Domain(domain), types: orderTypes, primaryType: 'Order', message: order }) as const

/**
 * The job id of an order: its EIP-712 digest.
 * @example jobIdOf({ chainId: 31337, verifyingContract: mesh }, order) // '0x…' 32 bytes
 */
export const jobIdOf = (domain: MeshDomain, order: Order): JobId =>
  hashStatement(orderTypedData(domain, order))
