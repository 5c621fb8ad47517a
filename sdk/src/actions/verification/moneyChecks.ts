import { isTerminal, type Outcome, type ProviderId, stringifyWire } from '@duckmesh/protocol'
import type { CheckList } from './check.ts'
import { type DueMoney, dueMoney, isUpheld } from './dueMoney.ts'
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
  disputeCheck(list, evidence)
  const { outcome } = chain
  if (!outcome) return
  const due = dueMoney(evidence)
  const { bondWei } = status.order
  list.add('payments', paymentProblems(due, outcome), 'price = shares + refund, to those who answered right')
  list.add('slashes', slashProblems(due, outcome, bondWei), 'exactly those who were wrong, silent or copying')
}

function disputeCheck(list: CheckList, evidence: JobEvidence): void {
  const { dispute, rounds } = evidence.chain
  if (dispute?.upheld === undefined) return
  const judged = rounds.findLast((round) => round.closed)
  const due = isUpheld(evidence, judged && verdictOf(evidence, judged))
  const differs = due === dispute.upheld ? [] : [`upheld ${due} due, ${dispute.upheld} on chain`]
  list.add('dispute', differs, dispute.upheld ? 'another output was found' : 'no other output was found')
}

function paymentProblems(due: DueMoney, outcome: Outcome): string[] {
  const paidTo = ({ paid }: Pick<Outcome, 'paid'>) => paid.map(({ providerId }) => providerId).join()
  return [
    ...differences('paid', paidTo(due), paidTo(outcome)),
    ...outcome.paid.flatMap(({ providerId, earnedWei }, index) =>
      differences(`earnings of provider ${providerId}`, due.paid[index]?.earnedWei ?? 0n, earnedWei),
    ),
    ...differences('refund', due.refundedWei, outcome.refundedWei),
  ]
}

function slashProblems(due: DueMoney, outcome: Outcome, bondWei: bigint): string[] {
  const name = ({ providerId, reason }: { providerId: ProviderId; reason: string }) =>
    `${providerId} ${reason}`
  return [
    ...differences('slashed', due.slashed.map(name).join(), outcome.slashed.map(name).join()),
    ...outcome.slashed.flatMap(({ providerId, toRequesterWei, toSeatsWei, burnedWei }) => [
      ...differences(`bond of provider ${providerId}`, bondWei, toRequesterWei + toSeatsWei + burnedWei),
      ...(burnedWei * 2n >= bondWei
        ? []
        : [`less than half of the bond of provider ${providerId} was burned`]),
    ]),
  ]
}

const differences = <T extends bigint | string>(what: string, due: T, found: T): string[] =>
  due === found ? [] : [`${what}: ${due} due, ${found} on chain`]
