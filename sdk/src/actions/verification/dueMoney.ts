import { judgeShareWei, type Outcome, outputTag, type ProviderId, type Verdict } from '@duckmesh/protocol'
import type { JobEvidence } from './jobEvidence.ts'
import { verdictOf } from './seatChecks.ts'

/** What everybody should have got and lost by the rules, in the order of the contract's events. */
export type DueMoney = Pick<Outcome, 'paid' | 'refundedWei'> & {
  slashed: { providerId: ProviderId; reason: string }[]
}

/** Recomputes the money of a closed job from what its seats showed. */
export function dueMoney(evidence: JobEvidence): DueMoney {
  const verdicts = evidence.chain.rounds
    .filter((round) => round.closed)
    .map((round) => verdictOf(evidence, round))
  const slashed = verdicts.flatMap((verdict) => verdict.slashed)
  const last = verdicts.at(-1)
  return evidence.chain.dispute
    ? dueAfterDispute(evidence, last, slashed)
    : dueOfSeats(evidence, last?.winners ?? [], slashed)
}

/** Whether the re-execution shows the submitted output wrong. */
export function isUpheld({ chain }: JobEvidence, verdict: Verdict | undefined): boolean {
  const found = verdict?.outputHash
  return found !== undefined && (!chain.outputHash || outputTag(found) !== outputTag(chain.outputHash))
}

function dueOfSeats(
  { chain, status }: JobEvidence,
  winners: ProviderId[],
  slashed: DueMoney['slashed'],
): DueMoney {
  const { priceWei, seats } = status.order
  const shareWei = priceWei / BigInt(seats)
  const won = BigInt(winners.length)
  return {
    paid: winners.map((providerId) => ({ providerId, earnedWei: shareWei })),
    // seats that were paid at once took their shares alone: what those leave of the price never moved
    refundedWei: chain.rounds.some((round) => round.isPaidAtOnce) ? 0n : priceWei - shareWei * won,
    slashed,
  }
}

function dueAfterDispute(
  evidence: JobEvidence,
  verdict: Verdict | undefined,
  slashed: DueMoney['slashed'],
): DueMoney {
  const { chain, status } = evidence
  const { bondWei, priceWei } = status.order
  const accused = chain.dispute?.accused ?? 0
  const winners = verdict?.winners ?? []
  const judges = winners.map((providerId) => ({
    providerId,
    earnedWei: judgeShareWei(bondWei, winners.length),
  }))
  if (isUpheld(evidence, verdict)) {
    const lost = { providerId: accused, reason: 'dispute-lost' }
    return { paid: judges, refundedWei: priceWei, slashed: [lost, ...slashed] }
  }
  const paid = [{ providerId: accused, earnedWei: priceWei }, ...judges]
  return { paid, refundedWei: 0n, slashed }
}
