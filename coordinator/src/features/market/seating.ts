import {
  type Assignment,
  candidatesHash,
  type DrawRecord,
  drawAlpha,
  drawSeed,
  type Excuse,
  rankCandidates,
  type SignedAssignment,
  seatCount,
  seatsOf,
} from '@duckmesh/protocol'
import type { Container } from '../../container.ts'
import { nowSeconds } from '../../ports/clock.ts'
import type { JobRecord } from '../../ports/store.ts'

/**
 * Draws and signs the seats of a round.
 * @param record candidates of the round; the same for every seating of it
 * @param excused drawn providers to pass over
 * @returns undefined when the ranking has too few left
 */
export async function signSeating(
  { signer, domain, clock }: Container,
  job: JobRecord,
  round: number,
  candidates: DrawRecord['candidates'],
  excused: Excuse[],
): Promise<SignedAssignment | undefined> {
  const { proof, output } = signer.prove(drawAlpha(job.jobId, round))
  const seed = drawSeed(output)
  const wanted = seatCount(job.order, round)
  const seats = seatsOf(rankCandidates(seed, candidates), excused, wanted)
  if (seats.length < wanted) return undefined
  const assignment: Assignment = {
    jobId: job.jobId,
    round,
    seats,
    seed,
    candidatesHash: candidatesHash(candidates),
    issuedAt: nowSeconds(clock),
  }
  const signature = await signer.signAssignment(domain, assignment)
  return { assignment, signature, record: { candidates, publicKey: signer.publicKey, proof, excused } }
}
