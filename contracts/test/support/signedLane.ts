import { at, connect, EXEC_WINDOW, time, type World } from './mesh.ts'
import { HONEST } from './redundant.ts'
import type { Order } from './typedData.ts'

export async function post(world: World, overrides: Partial<Order> = {}): Promise<Order> {
  const order = await world.orderOf(overrides)
  await connect(world.mesh, world.requester).postJob(order)
  return order
}

/** Posted and accepted by provider 1 through its signing key. */
export async function accepted(world: World, overrides: Partial<Order> = {}): Promise<Order> {
  const order = await post(world, overrides)
  await connect(world.mesh, world.provider(0).key).acceptJob(order, 1)
  return order
}

/** Submitted by provider 1; also the second of the submission. */
export async function submitted(world: World, overrides: Partial<Order> = {}, output = HONEST) {
  const order = await accepted(world, overrides)
  await connect(world.mesh, world.provider(0).key).submitResult(world.jobIdOf(order), output)
  return { order, submittedAt: await time.latest() }
}

/** Lets the execution window of a job accepted in the latest block pass. */
export async function passExecWindow(): Promise<void> {
  await at((await time.latest()) + EXEC_WINDOW + 1)
}
