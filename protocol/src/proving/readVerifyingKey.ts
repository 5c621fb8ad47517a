import {
  type Address,
  BaseError,
  ContractFunctionRevertedError,
  type Hex,
  isAddressEqual,
  type PublicClient,
  slice,
  zeroAddress,
} from 'viem'
import { DuckMeshError } from '../errors/duckMeshError.ts'
import { duckMeshAbi } from '../generated/abi.ts'
import {
  groth16AdapterAbi,
  groth16VerifierAbi,
  meshAgentVerifierAbi,
  modelRegistryAbi,
  verifierRouterAbi,
} from '../generated/modulesAbi.ts'
import { keyOfBytes, type SnarkjsKey } from '../groth16/verifyingKey.ts'
import { MODEL_SELECTOR } from './selectors.ts'

/**
 * Reads a verifying key from where the mesh would use it: agent verifier → router → adapter → verifier → code. That of a
 * model with public weights is the head of its architecture with the constant point that the chain computed.
 * @param selector first four bytes of the order's policy
 * @param modelId of the order: id of a key, or of a model behind `MODEL_SELECTOR`
 * @returns undefined when the selector has no verifier or the verifier no such key or model
 */
export async function readVerifyingKey(
  reader: PublicClient,
  mesh: Address,
  selector: Hex,
  modelId: Hex,
): Promise<SnarkjsKey | undefined> {
  const adapter = await adapterOf(reader, mesh, selector)
  if (!adapter) return undefined
  if (selector === MODEL_SELECTOR) return readModelKey(reader, adapter, modelId)
  const abi = groth16AdapterAbi
  const verifier = await reader.readContract({ address: adapter, abi, functionName: 'verifier' })
  return readKey(reader, verifier, modelId)
}

/**
 * The registry of models that the mesh asks.
 * @throws DuckMeshError `BAD_CONFIG` when the mesh has none
 */
export async function modelRegistryOf(reader: PublicClient, mesh: Address): Promise<Address> {
  const registry = await adapterOf(reader, mesh, MODEL_SELECTOR)
  if (registry) return registry
  throw new DuckMeshError('BAD_CONFIG', 'The mesh has no registry of models.', { setting: 'mesh' })
}

async function adapterOf(reader: PublicClient, mesh: Address, selector: Hex): Promise<Address | undefined> {
  const agentVerifier = await reader.readContract({
    address: mesh,
    abi: duckMeshAbi,
    functionName: 'getAgentVerifier',
  })
  if (isAddressEqual(agentVerifier, zeroAddress)) return undefined
  const router = await reader.readContract({
    address: agentVerifier,
    abi: meshAgentVerifierAbi,
    functionName: 'router',
  })
  const { adapter } = await reader.readContract({
    address: router,
    abi: verifierRouterAbi,
    functionName: 'entryOf',
    args: [selector],
  })
  return isAddressEqual(adapter, zeroAddress) ? undefined : adapter
}

async function readModelKey(
  reader: PublicClient,
  registry: Address,
  modelId: Hex,
): Promise<SnarkjsKey | undefined> {
  const { keyId, x, y } = await reader.readContract({
    address: registry,
    abi: modelRegistryAbi,
    functionName: 'modelOf',
    args: [modelId],
  })
  const head = await readKey(reader, registry, keyId)
  return head && { ...head, IC: [[`${x}`, `${y}`, '1'], ...head.IC.slice(1)] }
}

/** @param keys a contract that keeps keys: the verifier or the registry of models */
async function readKey(reader: PublicClient, keys: Address, keyId: Hex): Promise<SnarkjsKey | undefined> {
  try {
    const args = [keyId] as const
    const [pointer] = await reader.readContract({
      address: keys,
      abi: groth16VerifierAbi,
      functionName: 'keyOf',
      args,
    })
    const code = await reader.getCode({ address: pointer })
    // the first byte of the code only stops calls
    return code && keyOfBytes(slice(code, 1))
  } catch (error) {
    const isUnknown =
      error instanceof BaseError &&
      error.walk((cause) => cause instanceof ContractFunctionRevertedError) !== null
    if (isUnknown) return undefined
    throw error
  }
}
