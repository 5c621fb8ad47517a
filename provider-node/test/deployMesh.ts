import { deployMesh as deployContracts, devAccount, devIndex } from '@duckmesh/local-chain'
import {
  duckMeshAbi,
  duckTokenAbi,
  type MeshDomain,
  type OnchainStatus,
  onchainStatusName,
  parseDuck,
} from '@duckmesh/protocol'
import {
  type Account,
  type Address,
  createPublicClient,
  createWalletClient,
  type Hex,
  http,
  type PublicClient,
  zeroHash,
} from 'viem'
import { foundry } from 'viem/chains'

export const minStakeWei = parseDuck('100')

/** DuckMesh on a test chain. */
export type TestMesh = {
  mesh: Address
  token: Address
  domain: MeshDomain
  reader: PublicClient
  /** Calls DuckMesh and waits until it is mined. */
  send(from: Account, functionName: string, args: readonly unknown[]): Promise<Hex>
  /** Gives DUCK from the treasury to a wallet. */
  fund(to: Address, amountWei: bigint): Promise<void>
  /** Gives DUCK and deposits it. */
  fundDeposit(account: Account, amountWei: bigint): Promise<void>
  freeWei(account: Address): Promise<bigint>
  walletWei(account: Address): Promise<bigint>
  providerIdByKey(signingKey: Address): Promise<number>
  /** How many of these seats have an opening stored on chain. */
  openings(jobId: Hex, seats: number[]): Promise<number>
  /** A payment channel. */
  channel(channelId: Hex): Promise<{ fundedWei: bigint; claimedWei: bigint; closableAfter: number }>
  /** Owner of a provider. */
  owner(providerId: number): Promise<Address>
  provider(providerId: number): Promise<{ stakedWei: bigint; lockedWei: bigint }>
  /** Name of the job's status on chain. */
  status(jobId: Hex): Promise<OnchainStatus>
}

/** Deploys token and mesh; account 0 holds the whole supply. */
export async function deployMesh(rpcUrl: string): Promise<TestMesh> {
  const transport = http(rpcUrl)
  const chain = foundry
  const reader = createPublicClient({ chain, transport, pollingInterval: 20, cacheTime: 0 })
  const writer = createWalletClient({ chain, transport })
  const treasury = devAccount(devIndex.deployer)
  const mined = async (sent: Promise<Hex>) => {
    const hash = await sent
    const receipt = await reader.waitForTransactionReceipt({ hash })
    if (receipt.status !== 'success') throw new Error(`transaction ${hash} was reverted`)
    return receipt
  }
  const terms = { feeBps: 500, minStakeWei, maxJobLifeSeconds: 86_400, unbondSeconds: 172_800 }
  const { mesh, token } = await deployContracts(rpcUrl, treasury, treasury.address, terms)
  const onToken = (account: Account, functionName: 'transfer' | 'approve', to: Address, amountWei: bigint) =>
    mined(
      writer.writeContract({
        account,
        address: token,
        abi: duckTokenAbi,
        functionName,
        args: [to, amountWei],
      }),
    )
  const send = async (account: Account, functionName: string, args: readonly unknown[]) => {
    const call = { account, address: mesh, abi: duckMeshAbi as readonly unknown[], functionName, args }
    return (await mined(writer.writeContract(call as never))).transactionHash
  }
  const provider = (providerId: number) =>
    reader.readContract({ address: mesh, abi: duckMeshAbi, functionName: 'providerOf', args: [providerId] })
  const fund = async (to: Address, amountWei: bigint) => {
    await onToken(treasury, 'transfer', to, amountWei)
  }
  return {
    mesh,
    token,
    domain: { chainId: foundry.id, verifyingContract: mesh },
    reader,
    send,
    fund,
    fundDeposit: async (account, amountWei) => {
      await fund(account.address, amountWei)
      await onToken(account, 'approve', mesh, amountWei)
      await send(account, 'deposit', [amountWei])
    },
    freeWei: (account) =>
      reader.readContract({ address: mesh, abi: duckMeshAbi, functionName: 'accountOf', args: [account] }),
    walletWei: (account) =>
      reader.readContract({ address: token, abi: duckTokenAbi, functionName: 'balanceOf', args: [account] }),
    openings: async (jobId, seats) => {
      const stored = await Promise.all(
        seats.map((seat) =>
          reader.readContract({
            address: mesh,
            abi: duckMeshAbi,
            functionName: 'seatOpeningOf',
            args: [jobId, seat],
          }),
        ),
      )
      return stored.filter((one) => one !== zeroHash).length
    },
    channel: (channelId) =>
      reader.readContract({ address: mesh, abi: duckMeshAbi, functionName: 'channelOf', args: [channelId] }),
    owner: async (providerId) => (await provider(providerId)).owner,
    provider,
    status: async (jobId) => {
      const args = [jobId] as const
      const job = await reader.readContract({ address: mesh, abi: duckMeshAbi, functionName: 'jobOf', args })
      return onchainStatusName(job.status)
    },
    providerIdByKey: (key) =>
      reader.readContract({ address: mesh, abi: duckMeshAbi, functionName: 'providerIdByKey', args: [key] }),
  }
}
