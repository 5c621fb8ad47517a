import { loadWorld } from './mesh.ts'
import {
  HONEST,
  redundantOrder,
  roundOf,
  type SettleSeatsArguments,
  settleSeatsArguments,
} from './redundant.ts'
import type { Order } from './typedData.ts'

/** A round whose seats agree, with all arguments of settleSeats, not sent yet. */
export async function agreed(overrides: Partial<Order> = {}, ids?: number[]) {
  const world = await loadWorld()
  const order = await redundantOrder(world, overrides)
  const outputs = Array<string>(order.seats).fill(HONEST)
  const round = roundOf(world, order, outputs, ids ? { ids } : {})
  return { world, mesh: world.mesh, order, round, args: await settleSeatsArguments(world, round) }
}

/**
 * The valid arguments with some replaced: 0 order, 1 order signature, 2 assignment, 3 its signature, 4 output, 5 salts,
 * 6 reveal signatures.
 */
export function replaced(args: SettleSeatsArguments, changes: Record<number, unknown>): SettleSeatsArguments {
  return args.map((arg, i) => (i in changes ? changes[i] : arg)) as SettleSeatsArguments
}
