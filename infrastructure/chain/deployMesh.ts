import { chainError, duckTokenAbi } from '@duckmesh/protocol'
import {
  type Account,
  type Address,
  createPublicClient,
  createWalletClient,
  http,
  type LocalAccount,
} from 'viem'
import { connectChain, deploy, loadSettings } from '../deploy/index.ts'

/** A DuckMesh deployment. */
export type Deployment = {
  chainId: number
  token: Address
  mesh: Address
  meshBlock: number
  /** Addresses of all that was deployed, by contract name. */
  modules: Record<string, Address>
}

/** What a deployment starts with: fee, least stake, and how long jobs and unstaking take. */
export type MeshTerms = {
  feeBps: number
  minStakeWei: bigint
  maxJobLifeSeconds: number
  unbondSeconds: number
}

/**
 * Deploys the mesh and all its modules by the settings of the network `local`; the deployer governs and receives the
 * whole supply of DUCK. Addresses are the same on every fresh chain, and others at each further call.
 * @param rpcUrl chain
 * @param deployer pays gas and receives the supply
 * @param treasury receives the fees
 * @param terms instead of those of the network
 */
export async function deployMesh(
  rpcUrl: string,
  deployer: LocalAccount,
  treasury: Address,
  terms?: MeshTerms,
): Promise<Deployment> {
  try {
    const chain = await connectChain(rpcUrl, deployer)
    const { salt, ...local } = loadSettings('local', { RPC_URL: rpcUrl })
    const nonce = await chain.reader.getTransactionCount({ address: deployer.address })
    const { modules, meshBlock } = await deploy({
      chain,
      settings: {
        ...local,
        // what was deployed before on this chain is not to be found again
        salt: `${salt} ${nonce}`,
        treasury,
        ...(terms ? settingsOf(terms) : {}),
      },
    })
    return {
      chainId: chain.chainId,
      token: modules.DuckToken!,
      mesh: modules.DuckMesh!,
      meshBlock,
      modules,
    }
  } catch (error) {
    throw chainError(error, 'deploy')
  }
}

const settingsOf = ({ feeBps, minStakeWei, maxJobLifeSeconds, unbondSeconds }: MeshTerms) => ({
  terms: { feeBps, minBondBps: 0, maxJobLifeSeconds },
  mesh: { minStakeDuck: minStakeWei, maxJobLifeSeconds, unbondSeconds },
})

/** Whether a deployment still stands on the chain: it does not after the chain's state was lost. */
export async function isDeployed(
  rpcUrl: string,
  { mesh, token }: Pick<Deployment, 'mesh' | 'token'>,
): Promise<boolean> {
  const reader = createPublicClient({ transport: http(rpcUrl) })
  const codes = await Promise.all([mesh, token].map((address) => reader.getCode({ address })))
  return codes.every((code) => code !== undefined)
}

/**
 * Sends DUCK from the deployer, so that each of these accounts owns at least an amount.
 * @param wanted addresses with the least balance in wei
 */
export async function fundAccounts(
  rpcUrl: string,
  deployer: Account,
  token: Address,
  wanted: { address: Address; duckWei: bigint }[],
): Promise<void> {
  const transport = http(rpcUrl)
  const reader = createPublicClient({ transport, pollingInterval: 20 })
  const writer = createWalletClient({ transport, account: deployer })
  for (const { address, duckWei } of wanted) {
    const contract = { address: token, abi: duckTokenAbi } as const
    const haveWei = await reader.readContract({ ...contract, functionName: 'balanceOf', args: [address] })
    if (haveWei >= duckWei) continue
    const args = [address, duckWei - haveWei] as const
    const hash = await writer.writeContract({ chain: null, ...contract, functionName: 'transfer', args })
    await reader.waitForTransactionReceipt({ hash, timeout: 30_000 })
  }
}
