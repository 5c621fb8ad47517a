import { TERMS, type World } from './mesh.ts'

/** Protocol fee of what a provider earned, rounded down. */
export function feeOf(grossWei: bigint, feeBps = TERMS.feeBps): bigint {
  return (grossWei * BigInt(feeBps)) / 10_000n
}

/** What is left of it for the owner. */
export function netOf(grossWei: bigint, feeBps = TERMS.feeBps): bigint {
  return grossWei - feeOf(grossWei, feeBps)
}

/** Moves the earnings of all providers. @returns what the treasury has then */
export async function collectedWei(world: World): Promise<bigint> {
  await world.mesh.collectFees(world.providers.map(({ id }) => id))
  return world.freeOf(world.treasury)
}
