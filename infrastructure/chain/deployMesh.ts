import {
  chainError,
  duckMeshAbi,
  duckMeshAccountsAbi,
  duckMeshJobsAbi,
  duckTokenAbi,
  meshParamsAbi,
  parseDuck,
} from '@duckmesh/protocol'
import {
  duckMeshAccountsBytecode,
  duckMeshBytecode,
  duckMeshJobsBytecode,
  duckTokenBytecode,
  meshParamsBytecode,
} from '@duckmesh/protocol/bytecode'
import {
  type Account,
  type Address,
  createPublicClient,
  createWalletClient,
  type Hex,
  http,
  zeroAddress,
} from 'viem'

/** A DuckMesh deployment. */
export type Deployment = { chainId: number; token: Address; mesh: Address; meshBlock: number }

/** What a deployment starts with: fee, least stake, and how long jobs and unstaking take. */
export type MeshTerms = {
  feeBps: number
  minStakeWei: bigint
  maxJobLifeSeconds: number
  unbondSeconds: number
}

/** Terms for a chain on this machine: jobs live for minutes, so that nobody waits for days to see a deadline. */
export const localTerms: MeshTerms = {
  feeBps: 100,
  minStakeWei: parseDuck('1000'),
  maxJobLifeSeconds: 600,
  unbondSeconds: 1_200,
}

/** Days between publishing new terms and their first second. */
const NOTICE_SECONDS = 2 * 86_400

/**
 * Deploys DuckToken, whose whole supply goes to the deployer, and DuckMesh with all its parts; the deployer governs.
 * @param rpcUrl chain
 * @param deployer pays gas and receives the supply
 * @param treasury receives the fees
 */
export async function deployMesh(
  rpcUrl: string,
  deployer: Account,
  treasury: Address,
  terms: MeshTerms = localTerms,
): Promise<Deployment> {
  const transport = http(rpcUrl)
  const reader = createPublicClient({ transport, pollingInterval: 20 })
  const writer = createWalletClient({ transport, account: deployer })
  const mined = async (hash: Hex) => {
    const receipt = await reader.waitForTransactionReceipt({ hash, timeout: 30_000 })
    return { address: receipt.contractAddress!, block: Number(receipt.blockNumber) }
  }
  try {
    const token = await mined(
      await writer.deployContract({
        chain: null,
        abi: duckTokenAbi,
        bytecode: duckTokenBytecode,
        args: [deployer.address],
      }),
    )
    const { feeBps, minStakeWei, maxJobLifeSeconds, unbondSeconds } = terms
    const first = { feeBps, minBondBps: 0, maxJobLifeSeconds }
    const meshParams = await mined(
      await writer.deployContract({
        chain: null,
        abi: meshParamsAbi,
        bytecode: meshParamsBytecode,
        args: [deployer.address, deployer.address, NOTICE_SECONDS, first],
      }),
    )
    const params = {
      treasury,
      minStakeWei,
      maxJobLifeSeconds,
      unbondSeconds,
      meshParams: meshParams.address,
      agentVerifier: zeroAddress,
    }
    // from the last part to the first: each takes the address of the next, and refuses one that was built differently
    const accounts = await mined(
      await writer.deployContract({
        chain: null,
        abi: duckMeshAccountsAbi,
        bytecode: duckMeshAccountsBytecode,
        args: [token.address, params],
      }),
    )
    const jobs = await mined(
      await writer.deployContract({
        chain: null,
        abi: duckMeshJobsAbi,
        bytecode: duckMeshJobsBytecode,
        args: [token.address, params, accounts.address],
      }),
    )
    const mesh = await mined(
      await writer.deployContract({
        chain: null,
        abi: duckMeshAbi,
        bytecode: duckMeshBytecode,
        args: [token.address, params, jobs.address],
      }),
    )
    return {
      chainId: await reader.getChainId(),
      token: token.address,
      mesh: mesh.address,
      meshBlock: mesh.block,
    }
  } catch (error) {
    throw chainError(error, 'deploy')
  }
}

/** Whether a deployment still stands on the chain: it does not after the chain's state was lost. */
export async function isDeployed(rpcUrl: string, { mesh, token }: Deployment): Promise<boolean> {
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
