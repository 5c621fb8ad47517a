import {
  type Candidate,
  hashCanonical,
  type Order,
  type Skipped,
  type SkipReason,
  seatShareWei,
  skipFixes,
} from '@duckmesh/protocol'
import type { Container } from '../../container.ts'
import type { ChainProvider } from '../../ports/chain.ts'
import type { NodeRecord } from '../../ports/store.ts'

/** Who may be drawn for an order, and why the others may not. */
export type Eligibility = { candidates: Candidate[]; skipped: Skipped[] }

/** One skip with its fix. */
export const skip = (providerId: number, reason: SkipReason): Skipped => ({
  providerId,
  reason,
  fix: skipFixes[reason],
})

/**
 * Sorts all registered providers into candidates, weighted by free stake, and skipped ones with the reason.
 * @param round which round is to be seated
 * @param barred providers that may not be drawn whatever they offer, and why
 */
export async function findCandidates(
  { chain, store, clock, config }: Container,
  order: Order,
  round: number,
  barred: ReadonlyMap<number, SkipReason> = new Map(),
): Promise<Eligibility> {
  const [providers, nodes, active] = await Promise.all([
    chain.providers(),
    store.nodes(),
    store.activeSeats(),
  ])
  const nodeOf = new Map(nodes.map((node) => [node.providerId, node]))
  const shareWei = seatShareWei(order, round)
  const oldest = clock.nowMs() - config.NODE_TIMEOUT_MS
  const result: Eligibility = { candidates: [], skipped: [] }
  for (const provider of providers) {
    const { providerId } = provider
    const reason =
      barred.get(providerId) ??
      skipReasonOf(order, shareWei, provider, nodeOf.get(providerId), active.get(providerId) ?? 0, oldest)
    if (reason) result.skipped.push(skip(providerId, reason))
    else result.candidates.push({ providerId, weightWei: provider.stakedWei - provider.lockedWei })
  }
  return result
}

function skipReasonOf(
  order: Order,
  shareWei: bigint,
  provider: ChainProvider,
  node: NodeRecord | undefined,
  activeJobs: number,
  oldestSeenMs: number,
): SkipReason | undefined {
  if (!node || node.lastSeenAtMs < oldestSeenMs) return 'OFFLINE'
  const offer = node.offers.find((candidate) => hashCanonical(candidate.profile) === order.policy)
  if (!offer) return 'PROFILE_MISMATCH'
  if (shareWei < offer.minPriceWei) return 'PRICE_TOO_LOW'
  if (!provider.isActive) return 'INACTIVE'
  if (provider.stakedWei - provider.lockedWei < order.bondWei) return 'STAKE_TOO_LOW'
  if (activeJobs >= node.capacity) return 'AT_CAPACITY'
  return undefined
}
