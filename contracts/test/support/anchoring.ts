import { loadWorld, type World } from './mesh.ts'
import {
  type AnchorArguments,
  anchorArguments,
  HONEST,
  redundantOrder,
  roundOf,
  signAssignment,
  type TestRound,
} from './redundant.ts'
import type { Order } from './typedData.ts'

/** Outputs of three seats that agree. */
export const THREE = [HONEST, HONEST, HONEST]

/** A fresh world with a redundant order and all arguments of a valid anchoring, not sent yet. */
export async function prepared(overrides: Partial<Order> = {}, ids?: number[], outputs = THREE) {
  const world = await loadWorld()
  const order = await redundantOrder(world, overrides)
  const round = roundOf(world, order, outputs, ids ? { ids } : {})
  return { world, mesh: world.mesh, round, args: await anchorArguments(world, round) }
}

/**
 * The valid arguments with some replaced: 0 order, 1 order signature, 2 assignment, 3 its signature,
 * 4 commitments, 5 seat signatures.
 */
export function changed(args: AnchorArguments, changes: Record<number, unknown>): AnchorArguments {
  return args.map((arg, i) => (i in changes ? changes[i] : arg)) as AnchorArguments
}

/** Arguments whose assignment names other seats; the coordinator and the seats of the round signed for it. */
export async function resigned(world: World, round: TestRound, seats: number[]): Promise<AnchorArguments> {
  const assignment = { ...round.assignment, seats }
  const args = await anchorArguments(world, { ...round, assignment })
  return changed(args, { 3: await signAssignment(world, assignment) })
}
