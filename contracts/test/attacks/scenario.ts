import { at, connect, EXEC_WINDOW, ethers, loadWorld, time, type World } from '../support/mesh.ts'
import { anchor, HONEST, redundantOrder, roundOf, type TestRound } from '../support/redundant.ts'
import { submitted } from '../support/signedLane.ts'
import type { Order } from '../support/typedData.ts'

/** Three seats that agree. */
export const AGREED = [HONEST, HONEST, HONEST]

/** A fresh world with a redundant order whose three seats are not bound yet. */
export async function drawn(outputs = AGREED, overrides: Partial<Order> = {}) {
  const world = await loadWorld()
  const order = await redundantOrder(world, { seats: outputs.length, ...overrides })
  const round = roundOf(world, order, outputs)
  return { world, mesh: world.mesh, order, round, jobId: round.jobId }
}

/** The same, anchored. */
export async function anchored(outputs = AGREED, overrides: Partial<Order> = {}) {
  const context = await drawn(outputs, overrides)
  await anchor(context.world, context.round)
  return context
}

/** A result of provider 1 that the challenger disputed; judges are not seated yet. */
export async function disputedJob(output: string, overrides: Partial<Order> = {}) {
  const world = await loadWorld()
  const { order } = await submitted(world, overrides, output)
  await connect(world.mesh, world.challenger).disputeJob(order, ethers.id('claimed'))
  return { world, mesh: world.mesh, order, jobId: world.jobIdOf(order) }
}

/** Seats 4, 5 and 6 judge the disputed job. */
export async function judge(world: World, order: Order, verdicts: string[]): Promise<TestRound> {
  const round = roundOf(world, order, verdicts, { round: 2, ids: [4, 5, 6] })
  await anchor(world, round)
  return round
}

/** The next block comes after the reveal deadline of what the latest block anchored. */
export async function passReveal(): Promise<void> {
  await at((await time.latest()) + EXEC_WINDOW + 1)
}

/** Free balance plus everything in the provider's stake, DUCK wei. */
export async function wealthOf({ mesh }: World, owner: { address: string }): Promise<bigint> {
  const provider = await mesh.providerOf(await mesh.providerIdOf(owner.address))
  return (await mesh.accountOf(owner.address)) + provider.stakedWei + provider.unstakingWei
}
