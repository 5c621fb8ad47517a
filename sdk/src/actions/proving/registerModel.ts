import { architectureOf, DuckMeshError, modelIdOf, signalSchema } from '@duckmesh/protocol'
import { modelRegistryAbi } from '@duckmesh/protocol/modules'
import { modelCalls, modelRegistryOf } from '@duckmesh/protocol/proving'
import type { Hex } from 'viem'
import { send } from '../../chain/sendTransaction.ts'
import { type ClientContext, walletOf } from '../../clients/clientContext.ts'
import type { ModelRegistration, RegisterModelParameters } from './modelTypes.ts'

/**
 * Registers a model: stores the parts of the circuit's key that are missing, then brings the weights, from which the chain
 * computes the model's point. Calling it again after it was cut off goes on where it was.
 * @throws DuckMeshError `BAD_REQUEST` for weights that the circuit does not have, `BAD_CONFIG` when the mesh has no registry,
 * `CHAIN_REVERTED`, `CHAIN_UNAVAILABLE`, `CANCELLED`
 */
export async function registerModel(
  context: ClientContext,
  { key, weights, metadataHash }: RegisterModelParameters,
): Promise<ModelRegistration> {
  const { domain, publicClient } = context
  const { address: by } = walletOf(context).account
  if (
    !weights.every((weight) => signalSchema.safeParse(String(weight)).success) ||
    weights.length >= key.IC.length - 1
  )
    throw new DuckMeshError('BAD_REQUEST', 'These are no weights of this circuit.', { issues: ['weights'] })
  const registry = await modelRegistryOf(publicClient, domain.verifyingContract)
  const architecture = architectureOf(key, weights.length)
  const transactions: Hex[] = []
  for (const call of await modelCalls(publicClient, registry, by, architecture, weights, metadataHash))
    transactions.push(await send(context, { address: registry, abi: modelRegistryAbi, ...call }))
  return { modelId: modelIdOf(architecture, weights, metadataHash), transactions }
}
