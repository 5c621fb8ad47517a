/** A whole, for parts in 1/10,000. */
const WHOLE_BPS = 10_000n

/** What is known of a prover's past turns. */
export type ProverRecord = {
  /** Turns that ended with a paid proof. */
  proofs: number
  /** Turns that ended otherwise by its fault: silence, refusal, a false proof. */
  failures: number
  /** Sum of the qualities of its proofs, each in 1/10,000. */
  qualitySumBps: number
  /** Sum of the times from assignment to proof, ms. */
  elapsedSumMs: number
}

/** Reputation of whoever has not had a turn: half, so that it gets one and cannot gain by beginning anew. */
export const NEWCOMER_BPS = 5_000

/**
 * Reputation: 50 % share of successful turns, 30 % mean quality, 20 % speed, which is whole up to the target time and
 * falls as target / mean above it. Integers only, each division rounded down, so that two parties get the same.
 * @param targetMs time that is as good as none, ms, from 1
 * @returns 0 to 10,000
 * @example reputationBps({ proofs: 1, failures: 1, qualitySumBps: 10_000, elapsedSumMs: 500 }, 1_000) // 7_500
 */
export function reputationBps(record: ProverRecord, targetMs: number): number {
  const { proofs, failures, qualitySumBps, elapsedSumMs } = record
  if (proofs + failures === 0) return NEWCOMER_BPS
  if (proofs === 0) return 0
  const success = (BigInt(proofs) * WHOLE_BPS) / BigInt(proofs + failures)
  const quality = BigInt(qualitySumBps) / BigInt(proofs)
  const meanMs = BigInt(elapsedSumMs) / BigInt(proofs)
  const target = BigInt(targetMs)
  const speed = meanMs <= target ? WHOLE_BPS : (target * WHOLE_BPS) / meanMs
  return Number((success * 50n + quality * 30n + speed * 20n) / 100n)
}

/** How much price and reputation count; together 10,000. */
export type AuctionWeights = { priceBps: number; reputationBps: number }
export const defaultAuctionWeights: AuctionWeights = { priceBps: 7_000, reputationBps: 3_000 }

/** What one prover offers for a task. */
export type ProverBid = { proverId: number; priceWei: bigint; reputationBps: number }

/**
 * Ranks bids for one task, best first. The part of the price is lowest / own price: whole for the cheapest. A tie goes
 * to the lower id. All divisions are rounded down.
 * @returns bids with their scores, 0 to 10,000
 */
export function rankBids(
  bids: readonly ProverBid[],
  weights: AuctionWeights = defaultAuctionWeights,
): (ProverBid & { scoreBps: number })[] {
  const lowestWei = bids.reduce(
    (low, { priceWei }) => (priceWei < low ? priceWei : low),
    bids[0]?.priceWei ?? 0n,
  )
  return bids
    .map((bid) => {
      const price = bid.priceWei === lowestWei ? WHOLE_BPS : (lowestWei * WHOLE_BPS) / bid.priceWei
      const weighed =
        price * BigInt(weights.priceBps) + BigInt(bid.reputationBps) * BigInt(weights.reputationBps)
      return { ...bid, scoreBps: Number(weighed / WHOLE_BPS) }
    })
    .toSorted((a, b) => b.scoreBps - a.scoreBps || a.proverId - b.proverId)
}

/** Quality of a proof that holds: whole when the first prover made it, half when the task had to be given on. */
export const proofQualityBps = (attempt: number): number => (attempt === 1 ? 10_000 : 5_000)
