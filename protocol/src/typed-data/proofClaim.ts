import type { Hex } from 'viem'
import type { JobId, ProviderId } from '../ids.ts'
import { eip712Domain, type MeshDomain } from './domain.ts'

/** EIP-712 type of a ProofClaim. */
export const proofClaimTypes = {
  ProofClaim: [
    { name: 'jobId', type: 'bytes32' },
    { name: 'providerId', type: 'uint32' },
    { name: 'outputHash', type: 'bytes32' },
    { name: 'proofHash', type: 'bytes32' },
  ],
} as const

/**
 * A provider's statement that a proof holds, made when it delivers off chain. A false one costs its key and a minimum
 * stake (`proveFalseProof`): a node asks the verifier on chain before it signs.
 */
export type ProofClaim = {
  jobId: JobId
  providerId: ProviderId
  /** What the proof is said to show. */
  outputHash: Hex
  /** keccak256 of the proof bytes, as `settleProof` takes them. */
  proofHash: Hex
}

/** Typed data of a ProofClaim, signed by the provider's signing key. */
export const proofClaimTypedData = (domain: MeshDomain, claim: ProofClaim) =>
  ({
    domain: eip712Domain(domain),
    types: proofClaimTypes,
    primaryType: 'ProofClaim',
    message: claim,
  }) as const
