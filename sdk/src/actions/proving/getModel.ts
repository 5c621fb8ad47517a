import { chainError, DuckMeshError, modelIdOf } from '@duckmesh/protocol'
import { modelRegistryAbi } from '@duckmesh/protocol/modules'
import { modelRegistryOf } from '@duckmesh/protocol/proving'
import { type Address, type ContractEventName, decodeFunctionData, type Hex, zeroHash } from 'viem'
import { contractEvents } from '../../chain/contractEvents.ts'
import { readTransactionInput } from '../../chain/readTransactionInput.ts'
import type { ClientContext } from '../../clients/clientContext.ts'
import type { RegisteredModel } from './modelTypes.ts'

/**
 * Reads a registered model from the chain.
 * @throws DuckMeshError `MODEL_UNREGISTERED`, `BAD_CONFIG` when the mesh has no registry, `CHAIN_UNAVAILABLE`
 */
export async function getModel(context: ClientContext, modelId: Hex): Promise<RegisteredModel> {
  const { domain, publicClient } = context
  const registry = await modelRegistryOf(publicClient, domain.verifyingContract)
  const { keyId } = await publicClient
    .readContract({ address: registry, abi: modelRegistryAbi, functionName: 'modelOf', args: [modelId] })
    .catch((thrown: unknown) => {
      throw chainError(thrown, 'modelOf')
    })
  const [log] = keyId === zeroHash ? [] : await events(context, registry, 'ModelRegistered', { modelId })
  if (!log) throw new DuckMeshError('MODEL_UNREGISTERED', 'No model with this id is registered.', { modelId })
  const { by, metadataHash } = log.args
  const weights = await weightsOf(context, registry, log)
  return { modelId, keyId, by, metadataHash, transaction: log.transactionHash, weights }
}

type Registered = Awaited<ReturnType<typeof events<'ModelRegistered'>>>[number]

/** Follows a registration from its last transaction to its first. */
async function weightsOf(
  context: ClientContext,
  registry: Address,
  { args: { architectureId, by, metadataHash, modelId }, blockNumber, transactionHash }: Registered,
): Promise<bigint[] | null> {
  let last = await addedIn(context, transactionHash)
  const architecture = last?.architecture
  const weights: bigint[] = []
  const filter = { architectureId, by, metadataHash }
  const earlier = last?.fromPart ? await events(context, registry, 'WeightsAdded', filter) : []
  for (let until = blockNumber; last && architecture; ) {
    weights.unshift(...last.weights)
    const { fromPart } = last
    if (fromPart === 0n) {
      return modelIdOf(architecture, weights, metadataHash) === modelId ? weights : null
    }
    const before = earlier.findLast((log) => log.args.parts === fromPart && log.blockNumber <= until)
    if (!before) return null
    until = before.blockNumber
    last = await addedIn(context, before.transactionHash)
  }
  return null
}

/** Arguments of `addWeights` in a transaction; undefined when it is another call. */
async function addedIn(context: ClientContext, transaction: Hex) {
  const data = await readTransactionInput(context, transaction)
  try {
    const { functionName, args } = decodeFunctionData({ abi: modelRegistryAbi, data })
    if (functionName !== 'addWeights') return undefined
    const [architecture, , fromPart, weights] = args
    return { architecture, fromPart, weights }
  } catch {
    return undefined // the decoder throws for calls of other contracts
  }
}

const events = <N extends ContractEventName<typeof modelRegistryAbi>>(
  context: ClientContext,
  address: Address,
  eventName: N,
  args: Record<string, unknown>,
) => contractEvents(context, { address, abi: modelRegistryAbi }, eventName, args)
