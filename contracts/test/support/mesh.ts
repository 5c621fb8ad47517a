import type { HardhatEthersSigner } from '@nomicfoundation/hardhat-ethers/types'
import type { BaseContract, ContractMethod, Signer } from 'ethers'
import { network } from 'hardhat'
import type { duckMeshAbi, duckTokenAbi, meshParamsAbi } from '../../../protocol/src/generated/abi.ts'
import { type Domain, digestOf, type Order, signStruct } from './typedData.ts'

type FunctionOf<Abi extends readonly { type: string }[]> = Extract<
  Abi[number],
  { type: 'function'; name: string }
>
type Typed<Abi extends readonly { type: string }[]> = BaseContract &
  Record<FunctionOf<Abi>['name'], ContractMethod>
export type Mesh = Typed<typeof duckMeshAbi>
export type Token = Typed<typeof duckTokenAbi>
export type MeshParams = Typed<typeof meshParamsAbi>

/** One in-process chain for all contract tests; every test starts from the fixture's snapshot. */
export const { ethers, networkHelpers } = await network.create()
export const { time } = networkHelpers

export const DUCK = 10n ** 18n
export const SUPPLY_WEI = 10n ** 27n
export const PRICE_WEI = 9n * DUCK
export const BOND_WEI = 20n * DUCK
export const STAKE_WEI = 1_000n * DUCK
export const DEPOSIT_WEI = 10_000n * DUCK
export const EXEC_WINDOW = 600
export const DISPUTE_WINDOW = 900
export const ACCEPT_SECONDS = 3_600
export const ZERO_HASH = `0x${'00'.repeat(32)}`

export const NOTICE_SECONDS = 2 * 86_400

/** What governance starts with. */
export const TERMS = { feeBps: 250, minBondBps: 0, maxJobLifeSeconds: 86_400 }

/** What a mesh under test is built with, besides its treasury and its governance. */
export const PARAMS = {
  minStakeWei: 100n * DUCK,
  maxJobLifeSeconds: 86_400,
  unbondSeconds: 7 * 86_400,
  agentVerifier: `0x${'00'.repeat(20)}`,
}

export const Status = {
  none: 0n,
  open: 1n,
  active: 2n,
  submitted: 3n,
  disputed: 4n,
  committing: 5n,
  anchored: 6n,
  reseating: 7n,
  paid: 8n,
  refunded: 9n,
  failed: 10n,
} as const

export interface TestProvider {
  id: number
  owner: HardhatEthersSigner
  key: HardhatEthersSigner
}

export interface World {
  token: Token
  mesh: Mesh
  meshParams: MeshParams
  domain: Domain
  deployer: HardhatEthersSigner
  requester: HardhatEthersSigner
  coordinator: HardhatEthersSigner
  treasury: HardhatEthersSigner
  challenger: HardhatEthersSigner
  stranger: HardhatEthersSigner
  providers: TestProvider[]
  /** Item by index, with an error instead of undefined. */
  provider(index: number): TestProvider
  orderOf(overrides?: Partial<Order>): Promise<Order>
  jobIdOf(order: Order): string
  signOrder(order: Order, signer?: Signer): Promise<string>
  freeOf(account: { address: string }): Promise<bigint>
}

export async function deployToken(holder: { address: string }): Promise<Token> {
  return (await ethers.deployContract('DuckToken', [holder.address])) as unknown as Token
}

/** Governance of a mesh under test: the deployer owns it and guards it. */
export async function deployMeshParams(owner: { address: string }, terms = TERMS): Promise<MeshParams> {
  const args = [owner.address, owner.address, NOTICE_SECONDS, terms]
  return (await ethers.deployContract('MeshParams', args)) as unknown as MeshParams
}

/** What the mesh of a world was built with. */
export function paramsOf({ treasury, meshParams }: World) {
  return { treasury: treasury.address, meshParams, ...PARAMS }
}

/** The further parts first, then the mesh. The result has the functions, events and errors of all. */
export async function deployMesh(token: Token, params: object): Promise<Mesh> {
  const accounts = await ethers.deployContract('DuckMeshAccounts', [token, params])
  const jobs = await ethers.deployContract('DuckMeshJobs', [token, params, accounts])
  const mesh = await ethers.deployContract('DuckMesh', [token, params, jobs])
  const others = [...jobs.interface.fragments, ...accounts.interface.fragments]
  const abi = [...mesh.interface.fragments, ...others.filter(({ type }) => type !== 'constructor')]
  // an error that several parts raise is in several ABIs
  const unique = new Map(abi.map((fragment) => [fragment.format('full'), fragment]))
  return (await ethers.getContractAt([...unique.values()], await mesh.getAddress())) as unknown as Mesh
}

/** Token, mesh, funded requester and challenger, seven providers with stake. */
export function worldFixture(): Promise<World> {
  return buildWorld()
}

/** @param changes what the mesh is built with instead of {@link PARAMS} and of its own governance */
export async function buildWorld(
  changes: Partial<typeof PARAMS & { meshParams: MeshParams }> = {},
): Promise<World> {
  const signers = await ethers.getSigners()
  const [deployer, requester, coordinator, treasury, challenger, stranger, ...rest] = signers
  if (!deployer || !requester || !coordinator || !treasury || !challenger || !stranger) {
    throw new Error('The test network has too few accounts')
  }
  const token = await deployToken(deployer)
  const meshParams = changes.meshParams ?? (await deployMeshParams(deployer))
  const mesh = await deployMesh(token, { treasury: treasury.address, ...PARAMS, ...changes, meshParams })
  const meshAddress = await mesh.getAddress()
  const { chainId } = await ethers.provider.getNetwork()
  const domain: Domain = { name: 'DuckMesh', version: '1', chainId, verifyingContract: meshAddress }

  async function fund(account: HardhatEthersSigner): Promise<void> {
    await token.transfer(account.address, 2n * DEPOSIT_WEI)
    await connect(token, account).approve(meshAddress, 2n * DEPOSIT_WEI)
    await connect(mesh, account).deposit(DEPOSIT_WEI)
  }
  await fund(requester)
  await fund(challenger)
  const providers: TestProvider[] = []
  const half = rest.length / 2
  for (let index = 0; index < half; index++) {
    const owner = rest[index]
    const key = rest[half + index]
    if (!owner || !key) throw new Error('The test network has too few accounts')
    await fund(owner)
    await connect(mesh, owner).registerProvider(key.address, ethers.id('profile'), 'http://node', STAKE_WEI)
    providers.push({ id: index + 1, owner, key })
  }

  let nonce = 0n
  return {
    token,
    mesh,
    meshParams,
    domain,
    deployer,
    requester,
    coordinator,
    treasury,
    challenger,
    stranger,
    providers,
    provider(index) {
      const found = providers[index]
      if (!found) throw new Error(`No provider at ${index}`)
      return found
    },
    async orderOf(overrides = {}) {
      return {
        requester: requester.address,
        coordinator: coordinator.address,
        providerId: 0,
        kind: 0,
        mode: 0,
        seats: 1,
        priceWei: PRICE_WEI,
        bondWei: BOND_WEI,
        modelId: ethers.id('model'),
        inputHash: ethers.id('input'),
        policy: ethers.id('policy'),
        nonce: nonce++,
        acceptBy: (await time.latest()) + ACCEPT_SECONDS,
        execWindow: EXEC_WINDOW,
        disputeWindow: DISPUTE_WINDOW,
        ...overrides,
      }
    },
    jobIdOf: (order) => digestOf(domain, 'Order', order),
    signOrder: (order, signer = requester) => signStruct(signer, domain, 'Order', order),
    freeOf: (account) => mesh.accountOf(account.address),
  }
}

/** A fresh world at the fixture's snapshot. */
export function loadWorld(): Promise<World> {
  return networkHelpers.loadFixture(worldFixture)
}

/** `contract.connect(signer)` without losing the function names. */
export function connect<T extends BaseContract>(contract: T, signer: Signer): T {
  return contract.connect(signer) as T
}

/** Mines the next transaction at exactly `timestamp` (unix seconds). */
export function at(timestamp: bigint | number): Promise<void> {
  return time.setNextBlockTimestamp(timestamp)
}
