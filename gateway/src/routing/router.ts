import { DuckMeshError, type ProviderId, type SkipReason, type StreamRequest } from '@duckmesh/protocol'
import { PrefixAffinity } from './affinity.ts'
import { type Candidate, eligible, isModel, type Needs } from './eligible.ts'
import type { Market } from './market.ts'
import type { ProviderMemory } from './memory.ts'
import { type RankWeights, rank } from './rank.ts'

/** Chooses who is asked, and says of everybody else why not. */
export class Router {
  readonly market: Market
  readonly memory: ProviderMemory
  readonly affinity = new PrefixAffinity()
  readonly #weights: RankWeights
  readonly #random: () => number

  constructor(market: Market, memory: ProviderMemory, weights: RankWeights, random: () => number) {
    this.market = market
    this.memory = memory
    this.#weights = weights
    this.#random = random
  }

  /**
   * Who can be asked, the best first, who could if it had room, and why the others cannot.
   * @param first the request as the caller made it: conversations are told by it, also after a switch
   * @throws DuckMeshError `UNKNOWN_MODEL` when nobody has ever offered the model, `SERVICE_UNAVAILABLE`
   */
  async candidates(
    needs: Needs,
    first: StreamRequest,
  ): Promise<{ candidates: Candidate[]; busy: Candidate[]; skipped: Map<ProviderId, SkipReason> }> {
    const listings = await this.market.listings()
    const { model } = needs.options
    if (!listings.some((listing) => isModel(listing, model))) {
      throw new DuckMeshError('UNKNOWN_MODEL', 'No provider offers this model.', { ...model })
    }
    const { candidates, busy, skipped } = eligible(listings, needs, this.memory)
    const warm = this.affinity.find(first)
    const facts = { request: needs.request, memory: this.memory, warm, random: this.#random }
    const ranked = (some: Candidate[]) => onePerProvider(rank(some, facts, this.#weights))
    return { candidates: ranked(candidates), busy: ranked(busy), skipped }
  }

  /** How long to wait until one of these providers may be free, milliseconds. */
  waitMs(providerIds: readonly ProviderId[], leastMs: number): number {
    const busy = providerIds.map((id) => this.memory.busyMs(id)).filter((ms) => ms > 0)
    return Math.max(leastMs, Math.min(...busy, 1_000))
  }
}

function onePerProvider(ranked: Candidate[]): Candidate[] {
  const seen = new Set<ProviderId>()
  return ranked.filter(({ provider }) => {
    if (seen.has(provider.providerId)) return false
    seen.add(provider.providerId)
    return true
  })
}
