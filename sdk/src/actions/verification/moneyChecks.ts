import { isTerminal, type Outcome, type ProviderId, stringifyWire } from '@duckmesh/protocol'
import type { CheckList } from './check.ts'
import type { JobEvidence } from './jobEvidence.ts'
import { verdictOf } from './seatChecks.ts'

/** Checks that everybody got and lost what the rules say, and that the coordinator's account of it is the chain's. */
export function moneyChecks(list: CheckList, evidence: JobEvidence): void {
  const { chain, status } = evidence
  if (isTerminal(status.state)) {
    const told = stringifyWire(status.outcome)
    const found = stringifyWire(chain.outcome ?? null)
    const differs = told === found ? [] : [`told ${told}, on chain ${found}`]
    list.add('outcome', differs, 'the coordinator tells what the chain says')
  }
  const { outcome } = chain
  if (!outcome) return
  list.add(
    'payments',
    paymentProblems(evidence, outcome),
    'price = shares + fee + refund, to the winning seats',
  )
  list.add(
    'slashes',
    slashProblems(evidence, outcome),
    'exactly the seats that were wrong, silent or copying',
  )
}

function paymentProblems({ status, chain, feeBps, ...rest }: JobEvidence, outcome: Outcome): string[] {
  const { priceWei, seats } = status.order
  const round = chain.rounds.findLast((candidate) => candidate.closed)
  const winners = round ? verdictOf({ status, chain, feeBps, ...rest }, round).winners : []
  const shareWei = priceWei / BigInt(seats)
  const feeWei = (shareWei * BigInt(feeBps)) / 10_000n
  const won = BigInt(winners.length)
  return [
    ...differences('paid seats', winners.join(), outcome.paid.map(({ providerId }) => providerId).join()),
    ...outcome.paid.flatMap((paid) =>
      differences(`net of seat ${paid.providerId}`, shareWei - feeWei, paid.netWei),
    ),
    ...differences('fee', feeWei * won, outcome.feeWei),
    ...differences('refund', priceWei - shareWei * won, outcome.refundedWei),
  ]
}

function slashProblems(evidence: JobEvidence, outcome: Outcome): string[] {
  const { bondWei } = evidence.status.order
  const due = evidence.chain.rounds
    .filter((round) => round.closed)
    .flatMap((round) => verdictOf(evidence, round).slashed)
  const name = ({ providerId, reason }: { providerId: ProviderId; reason: string }) =>
    `${providerId} ${reason}`
  return [
    ...differences('slashed seats', due.map(name).join(), outcome.slashed.map(name).join()),
    ...outcome.slashed.flatMap(({ providerId, toRequesterWei, toSeatsWei, burnedWei }) => [
      ...differences(`bond of seat ${providerId}`, bondWei, toRequesterWei + toSeatsWei + burnedWei),
      ...(burnedWei * 2n >= bondWei ? [] : [`less than half of the bond of seat ${providerId} was burned`]),
    ]),
  ]
}

const differences = <T extends bigint | string>(what: string, due: T, found: T): string[] =>
  due === found ? [] : [`${what}: ${due} due, ${found} on chain`]
