import { buildCircuits } from '@duckmesh/circuits'
import type { Deployment } from '@duckmesh/local-chain'
import {
  chainError,
  DuckMeshError,
  keyBytes,
  keyIdOf,
  setupFitsChain,
  snarkjsKeySchema,
} from '@duckmesh/protocol'
import { groth16VerifierAbi } from '@duckmesh/protocol/modules'
import {
  createPublicClient,
  createWalletClient,
  getCreate2Address,
  type Hex,
  http,
  type LocalAccount,
  zeroHash,
} from 'viem'

/**
 * Makes the development keys of circuits on this machine and registers them with the mesh's verifier, each once.
 * @param account pays gas; anybody may register
 * @returns key ids by circuit: `order.modelId` of its proofs
 * @throws DuckMeshError `BAD_CONFIG` on a chain that is not local, where anybody at this machine could forge proofs
 */
export async function registerProofKeys(
  rpcUrl: string,
  account: LocalAccount,
  { chainId, modules }: Pick<Deployment, 'chainId' | 'modules'>,
  circuits: string[],
): Promise<Record<string, Hex>> {
  if (!setupFitsChain('dev-insecure', chainId)) {
    throw new DuckMeshError('BAD_CONFIG', `Development keys are refused on chain ${chainId}.`, { chainId })
  }
  const verifier = modules.Groth16Verifier!
  const transport = http(rpcUrl)
  const reader = createPublicClient({ transport, pollingInterval: 20 })
  const writer = createWalletClient({ transport, account })
  const ids: Record<string, Hex> = {}
  for (const { name, verifyingKey } of await buildCircuits(circuits)) {
    const key = keyBytes(snarkjsKeySchema.parse(verifyingKey))
    const keyId = keyIdOf(key)
    ids[name] = keyId
    // the contract keeps a key as the code of an address that follows from its id
    const pointer = getCreate2Address({ from: verifier, salt: zeroHash, bytecodeHash: keyId })
    if (await reader.getCode({ address: pointer })) continue
    const call = { chain: null, address: verifier, abi: groth16VerifierAbi } as const
    const hash = await writer
      .writeContract({ ...call, functionName: 'registerKey', args: [key] })
      .catch((error: unknown) => {
        throw chainError(error, 'registerKey')
      })
    await reader.waitForTransactionReceipt({ hash, timeout: 30_000 })
  }
  return ids
}
