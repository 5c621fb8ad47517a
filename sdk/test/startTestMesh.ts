import { deployMesh } from '@duckmesh/local-chain'
import { duckMeshAbi, duckTokenAbi, type MeshDomain, type ProviderId, parseDuck } from '@duckmesh/protocol'
import { evidenceAnchorsAbi } from '@duckmesh/protocol/modules'
import {
  type Address,
  createTestClient,
  createWalletClient,
  type Hex,
  http,
  keccak256,
  publicActions,
  stringToHex,
  zeroHash,
} from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { foundry } from 'viem/chains'
import { startAnvil } from './startAnvil.ts'

/** A provider of the test mesh: registered and staked. */
export type TestProvider = { providerId: ProviderId; owner: PrivateKeyAccount; signer: PrivateKeyAccount }

/** Real contracts on a real anvil, with funded accounts. */
export type TestMesh = Awaited<ReturnType<typeof startTestMesh>>

/** Private key of a test role; the same in every run. */
export const keyOf = (role: string): Hex => keccak256(stringToHex(`DuckMesh test key: ${role}`))

/**
 * Starts anvil, deploys DuckToken and DuckMesh, funds a buyer with 10,000 DUCK and registers providers.
 * @param providerCount providers with 1,000 DUCK of stake each
 */
export async function startTestMesh(providerCount = 0) {
  const anvil = await startAnvil()
  const transport = http(anvil.rpcUrl)
  const chain = createTestClient({
    chain: foundry,
    mode: 'anvil',
    transport,
    pollingInterval: 20,
    cacheTime: 0,
  }).extend(publicActions)
  const accountFor = async (role: string): Promise<PrivateKeyAccount> => {
    const account = privateKeyToAccount(keyOf(role))
    await chain.setBalance({ address: account.address, value: 10n ** 20n })
    return account
  }
  const holder = await accountFor('holder')
  const buyer = await accountFor('buyer')
  const coordinator = await accountFor('coordinator')
  const wallet = createWalletClient({ account: holder, chain: foundry, transport })
  const treasury = privateKeyToAccount(keyOf('treasury')).address
  const { token, mesh, modules } = await deployMesh(anvil.rpcUrl, holder, treasury, {
    feeBps: 250,
    minStakeWei: parseDuck('100'),
    maxJobLifeSeconds: 3_600,
    unbondSeconds: 7_200,
  })
  const domain: MeshDomain = { chainId: foundry.id, verifyingContract: mesh }

  /** Sends a call of one of the contracts and waits for it. */
  const abis = new Map<Address, unknown>([
    [token, duckTokenAbi],
    [modules.EvidenceAnchors!, evidenceAnchorsAbi],
  ])
  const call = async (account: PrivateKeyAccount, to: Address, functionName: string, args: unknown[]) => {
    const abi = abis.get(to) ?? duckMeshAbi
    const hash = await wallet.writeContract({ account, address: to, abi, functionName, args } as never)
    const receipt = await chain.waitForTransactionReceipt({ hash })
    if (receipt.status !== 'success') throw new Error(`${functionName} was reverted`)
    return hash
  }
  await call(holder, token, 'transfer', [buyer.address, parseDuck('10000')])

  const addProvider = async (number: number): Promise<TestProvider> => {
    const owner = await accountFor(`owner ${number}`)
    const signer = await accountFor(`signer ${number}`)
    const stakeWei = parseDuck('1000')
    await call(holder, token, 'transfer', [owner.address, stakeWei])
    await call(owner, token, 'approve', [mesh, stakeWei])
    await call(owner, mesh, 'deposit', [stakeWei])
    await call(owner, mesh, 'registerProvider', [signer.address, zeroHash, '', stakeWei])
    const providerId = await chain.readContract({
      address: mesh,
      abi: duckMeshAbi,
      functionName: 'providerIdOf',
      args: [owner.address],
    })
    return { providerId, owner, signer }
  }
  const providers: TestProvider[] = []
  for (let number = 1; number <= providerCount; number++) providers.push(await addProvider(number))

  const { rpcUrl, stop } = anvil
  const evidenceAnchors = modules.EvidenceAnchors!
  return {
    rpcUrl,
    stop,
    chain,
    domain,
    mesh,
    token,
    evidenceAnchors,
    holder,
    buyer,
    coordinator,
    providers,
    call,
  }
}
