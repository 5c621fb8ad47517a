// Apart from index.ts, as `@duckmesh/protocol/proving`: a page that verifies no proof does not load the pairing.
import type { Hex } from 'viem'
import { DuckMeshError } from '../errors/duckMeshError.ts'
import { contextOf, decodeGroth16Claim, signalsHash } from '../groth16/claim.ts'
import { proofOfWords } from '../groth16/proof.ts'
import { verifyProof } from '../groth16/verify.ts'
import { keyBytes, keyIdOf, type SnarkjsKey } from '../groth16/verifyingKey.ts'
import { agentIdOf } from '../proof/taskInput.ts'
import type { MeshDomain } from '../typed-data/domain.ts'
import { jobIdOf, type Order } from '../typed-data/order.ts'
import { MODEL_SELECTOR, proofSelectorOf } from './selectors.ts'

export { foldModel } from '../groth16/foldModel.ts'
export { type ModelCall, modelCalls } from './modelCalls.ts'
export { modelRegistryOf, readVerifyingKey } from './readVerifyingKey.ts'

/** A proof as a prover delivers it. */
export type DeliveredProof = {
  domain: MeshDomain
  order: Order
  proverId: number
  outputHash: Hex
  /** As `settleProof` takes it. */
  proof: Hex
  /** The verifying key that `order.modelId` names, from {@link readVerifyingKey}. */
  key: SnarkjsKey
}

/** What was proved, or why nothing was. */
export type ProofJudgement = { holds: true; results: bigint[] } | { holds: false; fault: string }

/**
 * Judges a delivered proof as the contracts do: it must be about this order and prover, show this output, and hold under
 * the order's key. Signals that the requester fixed come from the order and `ctx` is computed, never taken.
 * Solidity twins: Groth16Adapter, ModelRegistry.
 * For a model with public weights the key is read from the chain, which computed it, and cannot be told from its id.
 * @throws DuckMeshError `INPUT_MISMATCH` when the key is not the order's
 */
export async function judgeProof({
  domain,
  order,
  proverId,
  outputHash,
  proof,
  key,
}: DeliveredProof): Promise<ProofJudgement> {
  if (proofSelectorOf(order) !== MODEL_SELECTOR && keyIdOf(keyBytes(key)) !== order.modelId) {
    throw new DuckMeshError('INPUT_MISMATCH', 'The verifying key is not the one of the order.', {
      modelId: order.modelId,
    })
  }
  const taskId = jobIdOf(domain, order)
  const agentId = agentIdOf(proverId)
  const claim = decodeGroth16Claim(proof)
  if (!claim) return { holds: false, fault: 'the bytes are no proof' }
  const { results, request } = claim
  const about = [
    [claim.taskId === taskId, 'it is about another job'],
    [claim.agentId === agentId, 'it is about another prover'],
    [claim.modelId === order.modelId, 'it is about another circuit'],
    [claim.policy === order.policy, 'it is about another policy'],
    [claim.requestHash === order.inputHash, 'it is about another request'],
    [signalsHash(request) === order.inputHash, 'its request signals are others'],
    [signalsHash(results) === outputHash, 'it shows another output'],
  ] as const
  const fault = about.find(([isSo]) => !isSo)?.[1]
  if (fault) return { holds: false, fault }
  try {
    const signals = [...results, ...request, contextOf(taskId, agentId)]
    if (await verifyProof(key, signals, proofOfWords(claim.proof)))
      return { holds: true, results: [...results] }
    return { holds: false, fault: 'the pairing does not hold' }
  } catch (thrown) {
    const error = DuckMeshError.from(thrown)
    if (error.code === 'PROOF_MALFORMED') return { holds: false, fault: error.message }
    throw error
  }
}
