import {
  type Address,
  concat,
  encodeAbiParameters,
  encodePacked,
  type Hex,
  hexToBigInt,
  isAddressEqual,
  keccak256,
  numberToHex,
} from 'viem'
import { publicKeyToAddress } from 'viem/accounts'
import type { JobId, ProviderId } from '../ids.ts'
import { seatCount } from '../market/rounds.ts'
import type { Assignment } from '../typed-data/assignment.ts'
import type { Order } from '../typed-data/order.ts'
import { vrfVerify } from './vrf.ts'

/** A provider that may be drawn. */
export type Candidate = {
  providerId: ProviderId
  /** Free stake in wei: the chance to be drawn is proportional to it. */
  weightWei: bigint
}

/** Why a drawn provider did not get, or lost, its seat before anything was promised. */
export type Excuse = { providerId: ProviderId; reason: 'SILENT' | 'DECLINED' }

/** Everything that is needed to recompute the seats of an Assignment. */
export type DrawRecord = {
  /** Sorted by provider id. */
  candidates: Candidate[]
  /** Uncompressed secp256k1 key of the coordinator, 65 bytes. */
  publicKey: Hex
  /** VRF proof over `drawAlpha`. */
  proof: Hex
  /** Providers of the ranking that are passed over. */
  excused: Excuse[]
}

/** The VRF message of a draw: one output for a job and round, whatever else the coordinator would like. */
export const drawAlpha = (jobId: JobId, round: number): Hex =>
  encodePacked(['bytes32', 'uint8'], [jobId, round])

/** Seed of a draw from its VRF output. */
export const drawSeed = (output: Hex): Hex => keccak256(output)

/** Hash of the candidates of a draw; the list must be sorted by provider id. */
export const candidatesHash = (candidates: Candidate[]): Hex =>
  keccak256(
    encodeAbiParameters(
      [{ type: 'uint32[]' }, { type: 'uint96[]' }],
      [candidates.map((c) => c.providerId), candidates.map((c) => c.weightWei)],
    ),
  )

/**
 * Ranks all candidates by successive weighted draws without replacement, in integers alone.
 * Draw i takes the candidate into whose share of the remaining weight `keccak256(seed ‖ i)` falls.
 * @param seed 32 bytes
 * @param candidates weights above zero
 * @returns provider ids, first drawn first
 */
export function rankCandidates(seed: Hex, candidates: Candidate[]): ProviderId[] {
  const left = candidates.filter((candidate) => candidate.weightWei > 0n)
  let total = left.reduce((sum, candidate) => sum + candidate.weightWei, 0n)
  const ranking: ProviderId[] = []
  while (left.length > 0) {
    // 256 random bits over at most 90 bits of weight: the bias of the modulus is below 2^-160
    const index = numberToHex(ranking.length, { size: 4 })
    let point = hexToBigInt(keccak256(concat([seed, index]))) % total
    const at = left.findIndex(({ weightWei }) => {
      if (point < weightWei) return true
      point -= weightWei
      return false
    })
    const [drawn] = left.splice(at, 1)
    total -= drawn!.weightWei
    ranking.push(drawn!.providerId)
  }
  return ranking
}

/** The first `seats` of a ranking that are not excused. */
export function seatsOf(ranking: ProviderId[], excused: Excuse[], seats: number): ProviderId[] {
  const out = new Set(excused.map((excuse) => excuse.providerId))
  return ranking.filter((id) => !out.has(id)).slice(0, seats)
}

/**
 * Recomputes an Assignment from its record: what anyone can do to check the coordinator.
 * @returns names of the checks that failed; empty when the assignment is what the rules give
 */
export function auditAssignment(order: Order, assignment: Assignment, record: DrawRecord): string[] {
  const failed: string[] = []
  if (!isKeyOf(record.publicKey, order.coordinator)) failed.push('publicKey')
  const output = vrfVerify(record.publicKey, drawAlpha(assignment.jobId, assignment.round), record.proof)
  if (!output) failed.push('proof')
  if (output && drawSeed(output) !== assignment.seed) failed.push('seed')
  if (candidatesHash(record.candidates) !== assignment.candidatesHash) failed.push('candidatesHash')
  const ids = record.candidates.map((candidate) => candidate.providerId)
  if (ids.some((id, index) => index > 0 && ids[index - 1]! >= id)) failed.push('candidates')
  const wanted = seatCount(order, assignment.round)
  const seats = seatsOf(rankCandidates(assignment.seed, record.candidates), record.excused, wanted)
  if (seats.join() !== assignment.seats.join()) failed.push('seats')
  return failed
}

// an address is the hash of the uncompressed key of 65 bytes, and of no other form
const isKeyOf = (publicKey: Hex, address: Address): boolean =>
  publicKey.length === 132 && isAddressEqual(publicKeyToAddress(publicKey), address)
