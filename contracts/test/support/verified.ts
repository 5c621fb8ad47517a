import { type Contract, concat, Signature } from 'ethers'
import { buildWorld, connect, ethers, networkHelpers, type World } from './mesh.ts'
import { HONEST } from './redundant.ts'
import type { Order } from './typedData.ts'
import {
  encodeVerdicts,
  GAS_CAP,
  proofTypes,
  REFERENCE,
  REFERENCE_METADATA,
  taskInputOf,
  type Verdict,
  walletOf,
} from './verifiers.ts'

/** Keys of the validators; the first two vouch in these tests. */
const VALIDATORS = [0, 1, 2].map((index) => walletOf(`validator ${index}`))

/** How an answer is verified, see JobMode.sol. */
export const Mode = { signed: 0, redundant: 1, reference: 2, attested: 3, proof: 4 } as const

/** A policy whose first four bytes name the verifier. */
export const POLICY = concat([REFERENCE, ethers.dataSlice(ethers.id('policy'), 4)])

export interface VerifiedWorld {
  world: World
  verifier: Contract
}

/** The real stack: agent verifier, router and validators, of whom two have to agree. */
async function verifiedFixture(): Promise<VerifiedWorld> {
  const [owner, , guardian] = await ethers.getSigners()
  const router = await ethers.deployContract('VerifierRouter', [owner, guardian])
  const verifier = (await ethers.deployContract('MeshAgentVerifier', [router])) as unknown as Contract
  const reference = await ethers.deployContract('ReferenceAdapter', [owner])
  for (const { address } of VALIDATORS) await reference.addValidator(address)
  await router.addVerifier(REFERENCE, reference, GAS_CAP, REFERENCE_METADATA)
  const world = await buildWorld({ agentVerifier: await verifier.getAddress() })
  return { world, verifier }
}

/** The router behind an agent verifier. */
export async function routerOf(verifier: Contract): Promise<Contract> {
  const address: string = await verifier.getFunction('router')()
  return (await ethers.getContractAt('VerifierRouter', address)) as unknown as Contract
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

/** Two validators' verdicts that a provider did the job of this order with this output. */
export async function proofOf(
  { world, verifier }: VerifiedWorld,
  order: Order,
  providerId = 1,
  outputHash = HONEST,
): Promise<string> {
  const agentId = ethers.zeroPadValue(ethers.toBeHex(providerId), 32)
  const taskInput = taskInputOf({ taskId: world.jobIdOf(order), agentId, inputHash: inputOf(order) })
  const entry = await (await routerOf(verifier)).getFunction('entryOf')(REFERENCE)
  const name = 'DuckMesh ReferenceAdapter'
  const domain = { ...world.domain, name, verifyingContract: entry.adapter }
  const verdicts = VALIDATORS.slice(0, 2).map(async (validator, index): Promise<Verdict> => {
    const message = { taskInput, outputHash, matches: true, scoreBps: 9_500 }
    const types = { ReferenceVerdict: proofTypes.ReferenceVerdict }
    const { r, yParityAndS } = Signature.from(await validator.signTypedData(domain, types, message))
    return [index, message.scoreBps, r, yParityAndS]
  })
  return encodeVerdicts(await Promise.all(verdicts))
}

/** Posted, and accepted by provider 1 through its signing key. */
export async function working(world: World, overrides: Partial<Order> = {}): Promise<Order> {
  const order = await verifiedOrder(world, overrides)
  await connect(world.mesh, world.requester).postJob(order)
  await connect(world.mesh, world.provider(0).key).acceptJob(order, 1)
  return order
}
