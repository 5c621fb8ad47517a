import {
  assignmentHash,
  DuckMeshError,
  type RevealWork,
  recover,
  rounds,
  seatCommitTypedData,
  seatRevealTypedData,
  seatsDigest,
} from '@duckmesh/protocol'
import { type Hex, isAddressEqual } from 'viem'
import { nowSeconds } from '../ports/clock.ts'
import type { Reveal, Row } from '../ports/journal.ts'
import { backoffMs } from './backoff.ts'
import type { LoopContext } from './context.ts'

/**
 * Shows this seat's output hash to the coordinator, so that all seats can be paid at once. Handles its own errors: what
 * cannot be sent now is tried again until the seats could no longer be anchored; what is refused is only logged, since
 * the anchor pays too.
 */
export async function reveal(work: RevealWork, context: LoopContext): Promise<void> {
  const { clock, journal, logger, random, signal } = context
  const { jobId, round } = work
  for (let failures = 1; ; failures++) {
    const row = journal.find(jobId, round)
    if (row?.state !== 'promised') return
    try {
      return await revealOnce(row, work, context)
    } catch (thrown) {
      if (signal.aborted) return
      const error = DuckMeshError.from(thrown)
      logger.warn({ err: error, jobId, round }, 'seat not revealed')
      if (!error.retryable || nowSeconds(clock) > row.order.acceptBy) return
      await clock.sleep(backoffMs(failures, random.fraction()), signal)
    }
  }
}

async function revealOnce(row: Row, work: RevealWork, context: LoopContext): Promise<void> {
  const { coordinator, observe, providerId } = context
  const { jobId, round, promised } = row
  if (!promised?.seat) throw new DuckMeshError('WRONG_STAGE', 'There is nothing to reveal.', { jobId, round })
  const { signature } = await keepReveal(row, work, context)
  await observe('revealed', { jobId, round })
  const { salt } = promised.seat
  const { outputHash } = promised
  await coordinator.reveal(jobId, { round, providerId, salt, outputHash, signature })
  await observe('reveal-sent', { jobId, round })
}

/**
 * Signs the reveal and keeps it, once for a round. Until then nobody but this node knows what it promised; from then on
 * it may be known, so nobody may be able to choose a commitment any more.
 * @returns the reveal that stands
 * @throws DuckMeshError `NOT_A_SEAT`, `BAD_SIGNATURE`, `WRONG_STAGE`, `EQUIVOCATION`, `CHAIN_UNAVAILABLE`
 */
export async function keepReveal(row: Row, work: RevealWork, context: LoopContext): Promise<Reveal> {
  const { chain, journal, providerId, signer } = context
  const { jobId, round, promised, assignment } = row
  if (!promised?.seat || !assignment || round !== rounds.first) {
    throw new DuckMeshError('WRONG_STAGE', 'Only seats of the first round reveal.', { jobId, round })
  }
  const assigned = assignmentHash(assignment.assignment)
  await checkCommitments(row, work, assigned, context)
  await checkUnspent(row, context)
  const { seats, commitments, signatures: commitSignatures } = work
  const digest = seatsDigest({ seats, commitments })
  const statement = {
    assignmentHash: assigned,
    providerId,
    seatsDigest: digest,
    outputHash: promised.outputHash,
  }
  const signature = await signer.signTypedData(seatRevealTypedData(chain.domain, statement))
  const stands = journal.reveal(jobId, round, assigned, {
    seatsDigest: digest,
    signature,
    seats,
    commitments,
    commitSignatures,
  })
  if (stands.seatsDigest === digest) return stands
  const details = { jobId, round, have: digest, want: stands.seatsDigest }
  throw new DuckMeshError('EQUIVOCATION', 'This seat has revealed over other commitments before.', details)
}

/** Every seat of this node's own assignment has signed its commitment, each another one, this node its own. */
async function checkCommitments(
  { jobId, round, promised, assignment }: Row,
  { seats, commitments, signatures }: RevealWork,
  assigned: Hex,
  { chain, providerId }: LoopContext,
): Promise<void> {
  const isOurs =
    assignment?.assignment.seats.join() === seats.join() &&
    commitments.length === seats.length &&
    signatures.length === seats.length &&
    new Set(commitments).size === seats.length &&
    commitments[seats.indexOf(providerId)] === promised?.seat?.commitment
  if (!isOurs) {
    throw new DuckMeshError('NOT_A_SEAT', 'These are not the commitments of this seat and its peers.', {
      jobId,
      round,
      seats,
    })
  }
  await Promise.all(
    seats.map(async (seat, index) => {
      const statement = { assignmentHash: assigned, providerId: seat, commitment: commitments[index]! }
      const [{ signingKey }, signedBy] = await Promise.all([
        chain.provider(seat),
        recover({ ...seatCommitTypedData(chain.domain, statement), signature: signatures[index]! }),
      ])
      if (signedBy && isAddressEqual(signedBy, signingKey)) return
      const details = { seat, signedBy, signingKey }
      throw new DuckMeshError('BAD_SIGNATURE', `Seat ${seat} has not signed its commitment.`, details)
    }),
  )
}

/** An order whose nonce is used is anchored, paid or void: then nothing is left to be paid by a reveal. */
async function checkUnspent({ jobId, round, order }: Row, { chain }: LoopContext): Promise<void> {
  const [{ status }, isUsed] = await Promise.all([
    chain.job(jobId),
    chain.nonceUsed(order.requester, order.nonce),
  ])
  if (status === 'none' && !isUsed) return
  throw new DuckMeshError('WRONG_STAGE', 'The chain does not wait for this order.', {
    jobId,
    round,
    status,
    isUsed,
  })
}
