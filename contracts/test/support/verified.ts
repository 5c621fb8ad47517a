import { type Contract, concat } from 'ethers'
import { buildWorld, connect, ethers, networkHelpers, type World } from './mesh.ts'
import { HONEST } from './redundant.ts'
import type { Order } from './typedData.ts'

/** How an answer is verified, see JobMode.sol. */
export const Mode = { signed: 0, redundant: 1, reference: 2, attested: 3, proof: 4 } as const

export const SELECTOR = '0x1234abcd'

/** A policy whose first four bytes name the verifier. */
export const POLICY = concat([SELECTOR, ethers.dataSlice(ethers.id('policy'), 4)])

export interface VerifiedWorld {
  world: World
  verifier: Contract
}

async function verifiedFixture(): Promise<VerifiedWorld> {
  const verifier = await ethers.deployContract('TestVerifier', [SELECTOR])
  const world = await buildWorld({ agentVerifier: await verifier.getAddress() })
  return { world, verifier }
}

/** A fresh world whose mesh asks a {@link VerifiedWorld.verifier}. */
export async function loadVerified() {
  const { world, verifier } = await networkHelpers.loadFixture(verifiedFixture)
  return { world, mesh: world.mesh, verifier }
}

export function verifiedOrder(world: World, overrides: Partial<Order> = {}): Promise<Order> {
  return world.orderOf({ mode: Mode.proof, policy: POLICY, ...overrides })
}

/** keccak256(abi.encode(modelId, inputHash, policy)), which the mesh gives to the verifier as input. */
export function inputOf({ modelId, inputHash, policy }: Order): string {
  const encoded = ethers.AbiCoder.defaultAbiCoder().encode(
    ['bytes32', 'bytes32', 'bytes32'],
    [modelId, inputHash, policy],
  )
  return ethers.keccak256(encoded)
}

/** The proof that a provider did the job of this order with this output. */
export function proofOf(
  { world, verifier }: VerifiedWorld,
  order: Order,
  providerId = 1,
  output = HONEST,
): Promise<string> {
  const agentId = ethers.zeroPadValue(ethers.toBeHex(providerId), 32)
  return verifier.getFunction('proofOf')(world.jobIdOf(order), agentId, inputOf(order), output)
}

/** Posted, and accepted by provider 1 through its signing key. */
export async function working(world: World, overrides: Partial<Order> = {}): Promise<Order> {
  const order = await verifiedOrder(world, overrides)
  await connect(world.mesh, world.requester).postJob(order)
  await connect(world.mesh, world.provider(0).key).acceptJob(order, 1)
  return order
}
