import { assignmentHash, DuckMeshError, seatCommitTypedData } from '@duckmesh/protocol'
import type { Hex } from 'viem'
import type { Row } from '../ports/journal.ts'
import type { LoopContext } from './context.ts'

/**
 * Signs the row's promise for its assignment, which the journal notes first. Signing it again is harmless: a round has
 * one commitment, whoever sits beside this node, and the signature is deterministic.
 * @throws DuckMeshError `WRONG_STAGE` when nothing is promised yet, `ALREADY_REVEALED` when this node has revealed under
 * another assignment of the round
 */
export async function signSeatCommit(
  row: Row,
  { chain, journal, providerId, signer }: Pick<LoopContext, 'chain' | 'journal' | 'providerId' | 'signer'>,
): Promise<{ commitment: Hex; signature: Hex }> {
  const { jobId, round, assignment, promised } = row
  if (!promised?.seat || !assignment) {
    throw new DuckMeshError('WRONG_STAGE', 'There is nothing to commit.', { jobId, round })
  }
  const { commitment } = promised.seat
  const statement = { assignmentHash: assignmentHash(assignment.assignment), providerId, commitment }
  journal.commitUnder(jobId, round, statement.assignmentHash)
  const signature = await signer.signTypedData(seatCommitTypedData(chain.domain, statement))
  return { commitment, signature }
}
