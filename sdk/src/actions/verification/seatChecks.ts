import {
  assignmentHash,
  commitmentOf,
  hashCanonical,
  type JobStatus,
  type ProviderId,
  receiptFailures,
  recover,
  redundantVerdict,
  type SignedReceipt,
  seatCommitTypedData,
  type Verdict,
} from '@duckmesh/protocol'
import { type Hex, isAddressEqual, zeroHash } from 'viem'
import type { CheckList } from './check.ts'
import { type JobEvidence, type RoundEvidence, seatingOf } from './jobEvidence.ts'

/** Checks what each seat promised and showed, and recomputes the majority of every closed round. */
export async function seatChecks(list: CheckList, evidence: JobEvidence): Promise<void> {
  const { rounds } = evidence.chain
  const promised = await Promise.all(rounds.map((round) => commitmentProblems(evidence, round)))
  list.add('commitments', promised.flat(), 'as anchored on chain and signed by the seats')
  const shown = rounds.flatMap((round) => openingProblems(evidence.status, round))
  list.add('openings', shown, `${evidence.status.openings.length} hash to the commitments on chain`)
  const decided = rounds.filter((round) => round.closed).flatMap((round) => majorityProblems(evidence, round))
  list.add('majority', decided, 'recomputed from the openings, as closed on chain')
}

/** Checks the answer and the receipts of those who were paid for it. */
export async function answerChecks(list: CheckList, evidence: JobEvidence): Promise<void> {
  const { answer, chain, status } = evidence
  const outputHash = chain.outcome?.outputHash
  if (answer) {
    const hash = hashCanonical(answer.result)
    const differs = hash === outputHash && hash === answer.outputHash ? [] : [`the answer hashes to ${hash}`]
    list.add('result', differs, `the answer hashes to the majority's ${hash}`)
  }
  const round = chain.rounds.findLast((candidate) => candidate.closed)
  if (!round || !outputHash) return
  const winners = new Set(verdictOf(evidence, round).winners)
  // without a majority of judges the submitted output stands, for which its provider gave the receipt
  if (chain.dispute && winners.size === 0) return
  const listed = status.openings
    .filter((opening) => opening.round === round.round)
    .map(({ receipt }) => receipt)
  const receipts = [...listed, ...(answer?.receipts ?? [])].filter(({ receipt }) =>
    winners.has(receipt.providerId),
  )
  const problems = await Promise.all(receipts.map((receipt) => receiptProblems(evidence, round, receipt)))
  const none = receipts.length === 0 ? ['no winning seat gave a receipt'] : []
  const signers = new Set(receipts.map(({ receipt }) => receipt.providerId))
  list.add(
    'receipts',
    [...none, ...problems.flat()],
    `signed by ${signers.size} of ${winners.size} winning seats`,
  )
}

/** The rule of the contract on what is known of a round. */
export function verdictOf({ status }: JobEvidence, evidence: RoundEvidence): Verdict {
  const { round, seats, commitments, opened, isOpenedKnown } = evidence
  const told = new Map<ProviderId, Hex>(
    status.openings.filter((opening) => opening.round === round).map((o) => [o.providerId, o.outputHash]),
  )
  return redundantVerdict(
    seats.map((providerId, index) => ({
      providerId,
      commitment: commitments[index] ?? zeroHash,
      // an opening that came too late for the contract counts for nothing, whoever else has seen it
      outputHash: opened.get(providerId) ?? (isOpenedKnown ? undefined : told.get(providerId)),
    })),
  )
}

async function commitmentProblems({ domain, status }: JobEvidence, round: RoundEvidence): Promise<string[]> {
  const problems: string[] = []
  for (const { providerId, commitment, signature, round: number } of status.commitments) {
    const index = round.seats.indexOf(providerId)
    if (number !== round.round || index < 0) continue
    if (commitment !== round.commitments[index]) problems.push(`seat ${providerId}: another one is on chain`)
    const seating = seatingOf(status, round.round)
    const typedData =
      seating &&
      seatCommitTypedData(domain, {
        assignmentHash: assignmentHash(seating.assignment),
        providerId,
        commitment,
      })
    const signer = typedData && (await recover({ ...typedData, signature }))
    const key = round.signingKeys.get(providerId)
    if (!signer || !key || !isAddressEqual(signer, key)) problems.push(`seat ${providerId}: false signature`)
  }
  return problems
}

function openingProblems(
  { jobId, openings }: JobStatus,
  { round, seats, commitments }: RoundEvidence,
): string[] {
  return openings
    .filter((opening) => opening.round === round)
    .flatMap(({ providerId, outputHash, salt }) => {
      const commitment = commitmentOf({ jobId, round, providerId, outputHash, salt })
      return commitments[seats.indexOf(providerId)] === commitment ? [] : [`seat ${providerId} does not open`]
    })
}

function majorityProblems(evidence: JobEvidence, round: RoundEvidence): string[] {
  const { outputHash = zeroHash, winners } = verdictOf(evidence, round)
  const mask = winners.reduce((bits, id) => bits | (1n << BigInt(round.seats.indexOf(id))), 0n)
  const { closed } = round
  if (closed?.outputHash === outputHash && closed.winnersMask === mask) return []
  return [
    `round ${round.round}: recomputed ${outputHash} by ${winners.join()}, closed with ${closed?.outputHash}`,
  ]
}

async function receiptProblems(
  { domain, status, answer, chain }: JobEvidence,
  round: RoundEvidence,
  signed: SignedReceipt,
): Promise<string[]> {
  const { providerId, outputHash } = signed.receipt
  const signingKey = round.signingKeys.get(providerId)
  if (!signingKey) return [`seat ${providerId}: unknown provider`]
  const { order } = status
  const assignment = seatingOf(status, round.round)
  const failed = await receiptFailures(signed, {
    domain,
    order,
    signingKey,
    assignment,
    result: answer?.result,
  })
  if (outputHash !== chain.outcome?.outputHash) failed.push('majority')
  return failed.length > 0 ? [`seat ${providerId}: ${failed.join(', ')}`] : []
}
