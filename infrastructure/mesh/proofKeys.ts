import { buildCircuits, loadModel, PACKED_CIRCUIT, PACKED_WEIGHTS, packModel } from '@duckmesh/circuits'
import type { Deployment } from '@duckmesh/local-chain'
import {
  architectureOf,
  chainError,
  DuckMeshError,
  keyBytes,
  keyIdOf,
  modelIdOf,
  type SnarkjsKey,
  setupFitsChain,
  snarkjsKeySchema,
} from '@duckmesh/protocol'
import { groth16VerifierAbi, modelRegistryAbi } from '@duckmesh/protocol/modules'
import { modelCalls } from '@duckmesh/protocol/proving'
import {
  type Abi,
  type Address,
  createPublicClient,
  createWalletClient,
  getCreate2Address,
  type Hex,
  http,
  type LocalAccount,
  type PublicClient,
  zeroHash,
} from 'viem'

/** Sends a transaction and waits until it is in a block. */
type Send = (call: {
  address: Address
  abi: Abi
  functionName: string
  args: readonly unknown[]
}) => Promise<void>

/**
 * Makes the development keys of circuits on this machine and registers them with the mesh, each once. For a circuit whose
 * weights are public inputs, the model that ships is registered too.
 * @param account pays gas; anybody may register
 * @returns `order.modelId` by circuit: key ids, and the id of the model with public weights
 * @throws DuckMeshError `BAD_CONFIG` on a chain that is not local, where anybody at this machine could forge proofs
 */
export async function registerProofKeys(
  rpcUrl: string,
  account: LocalAccount,
  { chainId, modules }: Pick<Deployment, 'chainId' | 'modules'>,
  circuits: readonly string[],
): Promise<Record<string, Hex>> {
  if (!setupFitsChain('dev-insecure', chainId)) {
    throw new DuckMeshError('BAD_CONFIG', `Development keys are refused on chain ${chainId}.`, { chainId })
  }
  const transport = http(rpcUrl)
  const reader = createPublicClient({ transport, pollingInterval: 20 })
  const writer = createWalletClient({ transport, account })
  const send: Send = async (call) => {
    const hash = await writer.writeContract({ chain: null, ...call } as never).catch((error: unknown) => {
      throw chainError(error, call.functionName)
    })
    await reader.waitForTransactionReceipt({ hash, timeout: 30_000 })
  }
  const ids: Record<string, Hex> = {}
  for (const { name, verifyingKey } of await buildCircuits([...circuits])) {
    const key = snarkjsKeySchema.parse(verifyingKey)
    ids[name] =
      name === PACKED_CIRCUIT
        ? await registerModel(reader, send, modules.ModelRegistry!, account.address, key)
        : await registerKey(reader, send, modules.Groth16Verifier!, key)
  }
  return ids
}

async function registerKey(
  reader: PublicClient,
  send: Send,
  verifier: Address,
  key: SnarkjsKey,
): Promise<Hex> {
  const bytes = keyBytes(key)
  const keyId = keyIdOf(bytes)
  // the contract keeps a key as the code of an address that follows from its id
  const pointer = getCreate2Address({ from: verifier, salt: zeroHash, bytecodeHash: keyId })
  if (!(await reader.getCode({ address: pointer })))
    await send({ address: verifier, abi: groth16VerifierAbi, functionName: 'registerKey', args: [bytes] })
  return keyId
}

async function registerModel(
  reader: PublicClient,
  send: Send,
  registry: Address,
  by: Address,
  key: SnarkjsKey,
): Promise<Hex> {
  const architecture = architectureOf(key, PACKED_WEIGHTS)
  const { weights, metadataHash } = packModel(loadModel('digits'))
  for (const call of await modelCalls(reader, registry, by, architecture, weights, metadataHash))
    await send({ address: registry, abi: modelRegistryAbi, ...call })
  return modelIdOf(architecture, weights, metadataHash)
}
