import type { BaseContract, ContractMethod } from 'ethers'
import { hashCanonical } from '../../../protocol/src/inference/canonical.ts'
import {
  connect,
  DISPUTE_WINDOW,
  DUCK,
  ethers,
  networkHelpers,
  time,
  type World,
  worldFixture,
} from './mesh.ts'
import type { Order } from './typedData.ts'

type Named<Name extends string> = BaseContract & Record<Name, ContractMethod>
export type Callbacks = Named<'deliver' | 'finalizeAndDeliver' | 'isDelivered' | 'CALLBACK_GAS'>
export type Oracle = Named<'fund' | 'ask' | 'cancel' | 'withdraw' | 'onJobResult' | 'answerOf'>
export type Hostile = Named<
  'setBehaviour' | 'arm' | 'sign' | 'execute' | 'gasSeen' | 'hashSeen' | 'callsAccepted' | 'callError'
>

/** The answer to an inference as a provider submits it: canonical JSON, and its hash. */
export const RESULT = { text: 'forty-two ducks', tokens: [7, 42, 9_001], finishReason: 'stop' }
export const OUTPUT = ethers.hexlify(
  ethers.toUtf8Bytes('{"finishReason":"stop","text":"forty-two ducks","tokens":[7,42,9001]}'),
)
export const OUTPUT_HASH = hashCanonical(RESULT)
export const ORACLE_FUNDS_WEI = 100n * DUCK

/** A world with the courier, an oracle of the requester with funds, and a hostile consumer without. */
export interface ConsumerWorld extends World {
  callbacks: Callbacks
  oracle: Oracle
  oracleAddress: string
  hostile: Hostile
  hostileAddress: string
}

async function consumerWorldFixture(): Promise<ConsumerWorld> {
  const world = await worldFixture()
  const { mesh, token, requester } = world
  const meshAddress = await mesh.getAddress()
  const callbacks = (await ethers.deployContract('ResultCallbacks', [meshAddress])) as unknown as Callbacks
  const oracle = (await ethers.deployContract('OracleConsumer', [
    requester.address,
    meshAddress,
    await callbacks.getAddress(),
  ])) as unknown as Oracle
  const hostile = (await ethers.deployContract('HostileConsumer')) as unknown as Hostile
  const oracleAddress = await oracle.getAddress()
  await connect(token, requester).approve(oracleAddress, ORACLE_FUNDS_WEI)
  await connect(oracle, requester).fund(ORACLE_FUNDS_WEI)
  return { ...world, callbacks, oracle, oracleAddress, hostile, hostileAddress: await hostile.getAddress() }
}

export function loadConsumerWorld(): Promise<ConsumerWorld> {
  return networkHelpers.loadFixture(consumerWorldFixture)
}

/** An order of the oracle, posted by its owner. */
export async function asked(world: ConsumerWorld, overrides: Partial<Order> = {}): Promise<Order> {
  const order = await world.orderOf({ requester: world.oracleAddress, ...overrides })
  await connect(world.oracle, world.requester).ask(order)
  return order
}

/** An order of the hostile consumer at price zero, posted by itself. */
export async function askedByHostile(world: ConsumerWorld): Promise<Order> {
  const order = await world.orderOf({ requester: world.hostileAddress, priceWei: 0n })
  const data = world.mesh.interface.encodeFunctionData('postJob', [order])
  await world.hostile.execute(await world.mesh.getAddress(), data)
  return order
}

/** Accepted and answered by provider 1; the dispute window has passed. */
export async function answered(world: ConsumerWorld, order: Order, outputHash: string = OUTPUT_HASH) {
  const provider = connect(world.mesh, world.provider(0).key)
  await provider.acceptJob(order, 1)
  await provider.submitResult(world.jobIdOf(order), outputHash)
  await time.increase(DISPUTE_WINDOW + 1)
  return order
}

/** Answered and paid, not delivered. */
export async function paid(world: ConsumerWorld, order: Order): Promise<Order> {
  await answered(world, order)
  await connect(world.mesh, world.stranger).finalizeJob(order)
  return order
}
