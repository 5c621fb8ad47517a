import { chainError, DuckMeshError, hiddenModelIdOf } from '@duckmesh/protocol'
import { modelRegistryAbi } from '@duckmesh/protocol/modules'
import { modelRegistryOf } from '@duckmesh/protocol/proving'
import { type Address, type Hex, isAddressEqual, zeroAddress } from 'viem'
import { send } from '../../chain/sendTransaction.ts'
import { type ClientContext, walletOf } from '../../clients/clientContext.ts'
import type { HiddenModel, ModelRegistration, RegisterHiddenParameters } from './modelTypes.ts'

/**
 * Writes down that this account has the model behind a commitment. Nothing about the weights is checked or shown.
 * @returns the id, and the transaction unless it was registered before
 * @throws DuckMeshError `BAD_CONFIG` when the mesh has no registry, `CHAIN_REVERTED`, `CHAIN_UNAVAILABLE`, `CANCELLED`
 */
export async function registerHiddenModel(
  context: ClientContext,
  { keyId, commitment, metadataHash }: RegisterHiddenParameters,
): Promise<ModelRegistration> {
  const owner = walletOf(context).account.address
  const modelId = hiddenModelIdOf({ keyId, commitment, owner, metadataHash })
  const registry = await registryOf(context)
  const known = await read(context, registry, modelId)
  if (isAddressEqual(known.owner, owner)) return { modelId, transactions: [] }
  const args = [keyId, commitment, metadataHash]
  const call = { address: registry, abi: modelRegistryAbi, functionName: 'registerHidden', args }
  return { modelId, transactions: [await send(context, call)] }
}

/**
 * Reads a hidden model from the chain.
 * @throws DuckMeshError `MODEL_UNREGISTERED`, `BAD_CONFIG` when the mesh has no registry, `CHAIN_UNAVAILABLE`
 */
export async function getHiddenModel(context: ClientContext, modelId: Hex): Promise<HiddenModel> {
  const model = await read(context, await registryOf(context), modelId)
  if (!isAddressEqual(model.owner, zeroAddress)) return { modelId, ...model }
  throw new DuckMeshError('MODEL_UNREGISTERED', 'No hidden model with this id is registered.', { modelId })
}

const registryOf = ({ domain, publicClient }: ClientContext): Promise<Address> =>
  modelRegistryOf(publicClient, domain.verifyingContract)

const read = ({ publicClient }: ClientContext, address: Address, modelId: Hex) =>
  publicClient
    .readContract({ address, abi: modelRegistryAbi, functionName: 'hiddenModelOf', args: [modelId] })
    .catch((thrown: unknown) => {
      throw chainError(thrown, 'hiddenModelOf')
    })
