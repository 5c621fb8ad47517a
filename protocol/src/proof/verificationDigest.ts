import { type Address, encodeAbiParameters, type Hex, keccak256, stringToHex } from 'viem'
import type { ProofTask } from './taskInput.ts'

/** One judgement of an agent verifier: the fields of its VerificationCompleted event. */
export type Verification = ProofTask & {
  outputHash: Hex
  valid: boolean
  agentProofProfile: Hex
  /** Unix seconds of the block. */
  timestampSeconds: number
  /** Address of the agent verifier. */
  verifier: Address
  chainId: number
}

/**
 * Digest of a judgement, as in ERC-8274: whoever has the event can compute it again and compare.
 * @param verification fields of the event
 */
export const verificationDigestOf = (verification: Verification): Hex =>
  keccak256(
    encodeAbiParameters(
      [
        { type: 'bytes32' },
        { type: 'bytes32' },
        { type: 'bytes32' },
        { type: 'bytes32' },
        { type: 'bool' },
        { type: 'bytes32' },
        { type: 'uint256' },
        { type: 'bytes' },
        { type: 'bytes' },
      ],
      [
        verification.taskId,
        verification.agentId,
        verification.inputHash,
        verification.outputHash,
        verification.valid,
        verification.agentProofProfile,
        BigInt(verification.timestampSeconds),
        verification.verifier,
        stringToHex(`eip155:${verification.chainId}`),
      ],
    ),
  )

/**
 * Profile of a verifier configuration, as in ERC-8274.
 * @param adapter address of the proof verifier
 * @param proofProfile what the proof verifier says of itself
 * @param metadata its configuration as stored in the router
 */
export const agentProofProfileOf = (adapter: Address, proofProfile: Hex, metadata: Hex): Hex =>
  keccak256(
    encodeAbiParameters(
      [{ type: 'address' }, { type: 'bytes32' }, { type: 'bytes32' }],
      [adapter, proofProfile, keccak256(metadata)],
    ),
  )
