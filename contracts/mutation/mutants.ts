import type { Mutant } from './mutant.ts'
import { auctionMutants } from './sites/auction.ts'
import { channelMutants } from './sites/channels.ts'
import { epochMutants } from './sites/epochs.ts'
import { laneMutants } from './sites/lanes.ts'
import { ledgerMutants } from './sites/ledger.ts'
import { marketMutants } from './sites/market.ts'
import { redundantMutants } from './sites/redundant.ts'
import { stakingMutants } from './sites/staking.ts'
import { termsMutants } from './sites/terms.ts'

/** Every fault, in the order of the sources. */
export const mutants: Mutant[] = [
  ...ledgerMutants,
  ...termsMutants,
  ...stakingMutants,
  ...marketMutants,
  ...laneMutants,
  ...redundantMutants,
  ...channelMutants,
  ...auctionMutants,
  ...epochMutants,
]

/**
 * Some mutants, the same ones for the same seed.
 * @param count how many, none of them known to survive
 */
export function sampleOf(count: number, seed: number): Mutant[] {
  const killable = mutants.filter(({ survives }) => !survives)
  const step = Math.max(1, Math.floor(killable.length / count))
  return killable.filter((_, i) => (i + seed) % step === 0).slice(0, count)
}
