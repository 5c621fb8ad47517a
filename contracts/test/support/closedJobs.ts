import { connect, DISPUTE_WINDOW, time, type World } from './mesh.ts'
import { anchor, HONEST, open, roundOf, WRONG } from './redundant.ts'
import { accepted, passExecWindow, submitted } from './signedLane.ts'
import type { Order } from './typedData.ts'

/** Jobs of the on-chain lane that provider 1 took, in each way they can end. */

/** Submitted, not disputed, paid. */
export async function paidJob(world: World, overrides: Partial<Order> = {}, output = HONEST): Promise<Order> {
  const { order } = await submitted(world, overrides, output)
  await time.increase(DISPUTE_WINDOW + 1)
  await connect(world.mesh, world.stranger).finalizeJob(order)
  return order
}

/** Accepted and never submitted. */
export async function lateJob(world: World, overrides: Partial<Order> = {}): Promise<Order> {
  const order = await accepted(world, overrides)
  await passExecWindow()
  await connect(world.mesh, world.stranger).expireJob(order)
  return order
}

/** Submitted, disputed, and judged by providers 4, 5 and 6, who all find `verdict`. */
export async function judgedJob(world: World, output = WRONG, verdict = HONEST): Promise<Order> {
  const { order } = await submitted(world, {}, output)
  const claimed = output === WRONG ? HONEST : WRONG
  await connect(world.mesh, world.challenger).disputeJob(order, claimed)
  const round = roundOf(world, order, [verdict, verdict, verdict], { round: 2, ids: [4, 5, 6] })
  await anchor(world, round)
  await open(world, round)
  return order
}
