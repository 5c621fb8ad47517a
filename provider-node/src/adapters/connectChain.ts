import { chainError, DuckMeshError, duckMeshAbi } from '@duckmesh/protocol'
import { type Account, type Address, createPublicClient, http } from 'viem'
import type { Chain } from '../ports/chain.ts'
import type { Clock } from '../ports/clock.ts'
import { createViemChain } from './viemChain.ts'

/**
 * Connects to the chain and asks it which one it is.
 * @param account sends and pays gas
 * @throws DuckMeshError `CHAIN_UNAVAILABLE` when the endpoint does not answer, `BAD_CONFIG` when there is no
 * DuckMesh at the address
 */
export async function connectChain(parameters: {
  rpcUrl: string
  mesh: Address
  account: Account
  clock: Clock
}): Promise<Chain> {
  const { rpcUrl, mesh } = parameters
  const reader = createPublicClient({ transport: http(rpcUrl, { timeout: 5_000, retryCount: 1 }) })
  try {
    const [chainId, code] = await Promise.all([reader.getChainId(), reader.getCode({ address: mesh })])
    if (!code) {
      const details = { setting: 'MESH_ADDRESS', mesh, chainId }
      throw new DuckMeshError('BAD_CONFIG', `There is no contract at ${mesh} on chain ${chainId}.`, details)
    }
    const token = await reader.readContract({ address: mesh, abi: duckMeshAbi, functionName: 'token' })
    return createViemChain({ ...parameters, chainId, token })
  } catch (thrown) {
    throw chainError(thrown, 'connect')
  }
}
