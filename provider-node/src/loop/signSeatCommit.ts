import { assignmentHash, DuckMeshError, seatCommitTypedData } from '@duckmesh/protocol'
import type { Hex } from 'viem'
import type { Row } from '../ports/journal.ts'
import type { LoopContext } from './context.ts'

/**
 * Signs the row's promise for its assignment. Signing it again is harmless: a round has one commitment, whoever sits
 * beside this node, and the signature is deterministic.
 * @throws DuckMeshError `WRONG_STAGE` when nothing is promised yet
 */
export async function signSeatCommit(
  row: Row,
  { chain, providerId, signer }: Pick<LoopContext, 'chain' | 'providerId' | 'signer'>,
): Promise<{ commitment: Hex; signature: Hex }> {
  const { jobId, round, assignment, promised } = row
  if (!promised?.seat || !assignment) {
    throw new DuckMeshError('WRONG_STAGE', 'There is nothing to commit.', { jobId, round })
  }
  const { commitment } = promised.seat
  const statement = { assignmentHash: assignmentHash(assignment.assignment), providerId, commitment }
  const signature = await signer.signTypedData(seatCommitTypedData(chain.domain, statement))
  return { commitment, signature }
}
