import {
  type AssignedTask,
  agentIdOf,
  contextOf,
  DuckMeshError,
  encodeGroth16Claim,
  openTaskInput,
  type ProvingSecret,
  signalsHash,
  wordsOfProof,
} from '@duckmesh/protocol'
import type { Hex } from 'viem'
import type { LoopContext } from '../../loop/context.ts'
import type { ServedCircuit } from './offer.ts'
import type { Proving } from './proving.ts'

/**
 * Proves a task: `ctx` and the weights of a model are this node's, whatever the buyer gave, and the request signals must
 * come out as ordered.
 * @returns the proof as `settleProof` takes it
 * @throws DuckMeshError what `Prover.prove` throws, `SEAL_BROKEN`, `INPUT_MISMATCH` when the inputs are not those that
 * the order is about
 */
export async function makeProof(
  task: AssignedTask,
  { ownInputs, weights }: ServedCircuit,
  { prover, sealKeys }: Proving,
  context: LoopContext,
): Promise<{ outputHash: Hex; proof: Hex }> {
  const { taskId, order, circuit, request } = task
  const { chain, clock, providerId, signal } = context
  const agentId = agentIdOf(providerId)
  const ctx = contextOf(taskId, agentId)
  const secret = await secretOf(task, async (sealed) =>
    openTaskInput(sealed, sealKeys.usable(), { domain: chain.domain, proverId: providerId, taskId }),
  )
  const statement =
    'inputs' in secret
      ? { inputs: { ...secret.inputs, ...ownInputs, ctx } }
      : { witness: new Uint8Array(Buffer.from(secret.witness, 'base64')) }
  const timeoutMs = Math.max(1, task.expiresAtMs - clock.nowMs())
  const run = await prover.prove({ circuit, ...statement, signal, timeoutMs })
  const signals = run.publicSignals.map(BigInt)
  const expected = [...request, ctx, ...weights]
  const results = signals.slice(0, signals.length - expected.length)
  if (expected.some((value, index) => signals[results.length + index] !== value)) {
    throw new DuckMeshError('INPUT_MISMATCH', 'The inputs give other public signals than the order names.', {
      taskId,
    })
  }
  const claim = { taskId, agentId, modelId: order.modelId, policy: order.policy, request, results }
  return {
    outputHash: signalsHash(results),
    proof: encodeGroth16Claim({ ...claim, proof: wordsOfProof(run.proof) }),
  }
}

async function secretOf(
  { inputs, sealed }: AssignedTask,
  open: (sealed: NonNullable<AssignedTask['sealed']>) => Promise<ProvingSecret>,
): Promise<ProvingSecret> {
  if (inputs) return { inputs }
  if (sealed) return open(sealed)
  throw new DuckMeshError('BAD_REQUEST', 'The task has no inputs.')
}
