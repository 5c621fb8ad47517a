import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deployMesh, devAccount, devIndex, fundAccounts, startAnvil } from '@duckmesh/local-chain'
import { duckMeshAbi, duckTokenAbi, type MeshDomain, type ProviderId, parseDuck } from '@duckmesh/protocol'
import {
  type Account,
  type Address,
  createTestClient,
  type Hex,
  http,
  publicActions,
  walletActions,
  zeroHash,
} from 'viem'
import { foundry } from 'viem/chains'

/** A provider's identity on the test chain. */
export type TestIdentity = { providerId: ProviderId; owner: Account; signer: ReturnType<typeof devAccount> }

/** Real contracts on a real anvil, with a funded buyer. */
export type TestChain = Awaited<ReturnType<typeof startTestChain>>

/** Most providers of a test. */
const STAKE_WEI = parseDuck('500')

/** Starts anvil, deploys DuckMesh, and deposits `buyerDuck` DUCK for the buyer. */
export async function startTestChain(buyerDuck = '100') {
  const folder = await mkdtemp(join(tmpdir(), 'duckmesh-gateway-'))
  const { rpcUrl, service } = await startAnvil(folder, false)
  const deployer = devAccount(devIndex.deployer)
  const buyer = devAccount(devIndex.buyer)
  const { mesh, token } = await deployMesh(rpcUrl, deployer, devAccount(devIndex.treasury).address, {
    feeBps: 500,
    minStakeWei: parseDuck('100'),
    maxJobLifeSeconds: 86_400,
    unbondSeconds: 172_800,
  })
  const domain: MeshDomain = { chainId: foundry.id, verifyingContract: mesh }
  const client = createTestClient({
    chain: foundry,
    mode: 'anvil',
    transport: http(rpcUrl, { batch: true }),
    pollingInterval: 20,
    cacheTime: 0,
  })
    .extend(publicActions)
    .extend(walletActions)

  /** Calls DuckMesh or DuckToken and waits until it is mined. */
  const call = async (account: Account, to: Address, functionName: string, args: readonly unknown[]) => {
    const abi = to === token ? duckTokenAbi : duckMeshAbi
    const hash = await client.writeContract({ account, address: to, abi, functionName, args } as never)
    const receipt = await client.waitForTransactionReceipt({ hash })
    if (receipt.status !== 'success') throw new Error(`${functionName} was reverted`)
    return receipt
  }
  const read = (functionName: string, args: readonly unknown[]) =>
    client.readContract({ address: mesh, abi: duckMeshAbi, functionName, args } as never) as Promise<unknown>
  const deposit = async (account: Account, amountWei: bigint) => {
    await fundAccounts(rpcUrl, deployer, token, [{ address: account.address, duckWei: amountWei }])
    await call(account, token, 'approve', [mesh, amountWei])
    await call(account, mesh, 'deposit', [amountWei])
  }
  await deposit(buyer, parseDuck(buyerDuck))

  return {
    rpcUrl,
    client,
    mesh,
    token,
    domain,
    buyer,
    call,
    read,
    deposit,
    freeWei: async (account: Address) => (await read('accountOf', [account])) as bigint,
    channelOf: async (channelId: Hex) =>
      (await read('channelOf', [channelId])) as {
        fundedWei: bigint
        claimedWei: bigint
        closableAfter: number
      },
    /** Registers provider number `index`, from 0. */
    register: async (index: number): Promise<TestIdentity> => {
      const owner = devAccount(devIndex.firstOwner + index)
      const signer = devAccount(devIndex.firstSigner + index)
      await deposit(owner, STAKE_WEI)
      await call(owner, mesh, 'registerProvider', [signer.address, zeroHash, '', STAKE_WEI])
      const providerId = (await read('providerIdOf', [owner.address])) as number
      return { providerId, owner, signer }
    },
    /** Moves the time of the next block and mines it. */
    passSeconds: async (seconds: number) => {
      await client.increaseTime({ seconds })
      await client.mine({ blocks: 1 })
    },
    stop: async () => {
      await service.kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
