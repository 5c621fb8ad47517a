import { encodeAbiParameters, type Hex, keccak256 } from 'viem'
import type { JobId, ProviderId } from '../ids.ts'

/** What a seat later shows to prove what it had committed to. */
export type Opening = {
  /** Canonical hash of the result. */
  outputHash: Hex
  /** 32 random bytes: without them a short answer could be guessed from its commitment. */
  salt: Hex
}

/** Everything that a commitment binds. */
export type CommitmentParameters = Opening & { jobId: JobId; round: number; providerId: ProviderId }

/**
 * Salted commitment of one seat to one result. The provider id is inside, so a copied commitment can never be
 * opened by the copier. The same as `SeatCommitLib.commitment` in Solidity; vectors in `vectors/commitment.json`.
 * @returns keccak256(abi.encode(jobId, round, providerId, outputHash, salt))
 */
export function commitmentOf({ jobId, round, providerId, outputHash, salt }: CommitmentParameters): Hex {
  return keccak256(
    encodeAbiParameters(
      [{ type: 'bytes32' }, { type: 'uint8' }, { type: 'uint32' }, { type: 'bytes32' }, { type: 'bytes32' }],
      [jobId, round, providerId, outputHash, salt],
    ),
  )
}
