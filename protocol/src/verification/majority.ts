import { type Hex, zeroHash } from 'viem'
import type { SlashReason } from '../constants.ts'
import type { ProviderId } from '../ids.ts'

/** One assigned seat as it stands when the job is closed. */
export type SeatOutcome = {
  providerId: ProviderId
  /** The seat's commitment; zero when it never committed, so that it has nothing at stake. */
  commitment: Hex
  /** Output hash of its valid opening; undefined when there was none. */
  outputHash?: Hex | undefined
}

/** What closing a redundant job does to its seats. */
export type Verdict = {
  /** The answer of more than half of the assigned seats; undefined when there is none. */
  outputHash: Hex | undefined
  winners: ProviderId[]
  slashed: { providerId: ProviderId; reason: SlashReason }[]
}

/**
 * The rule of `RedundantMode.openSeats`: strict majority of the assigned seats; minority, silent and copying
 * seats are slashed. Without a majority the seats that opened go free, since nobody knows who was right.
 * @param seats all assigned seats, in order
 */
export function redundantVerdict(seats: SeatOutcome[]): Verdict {
  const votes = new Map<Hex, ProviderId[]>()
  for (const { outputHash, providerId } of seats) {
    if (outputHash) votes.set(outputHash, [...(votes.get(outputHash) ?? []), providerId])
  }
  const outputHash = [...votes].find(([, ids]) => ids.length * 2 > seats.length)?.[0]
  const opened = new Set(seats.filter((seat) => seat.outputHash).map((seat) => seat.commitment))
  const slashed: Verdict['slashed'] = []
  for (const seat of seats) {
    if (seat.commitment === zeroHash) continue
    if (!seat.outputHash) {
      slashed.push({ providerId: seat.providerId, reason: opened.has(seat.commitment) ? 'copied' : 'silent' })
    } else if (outputHash && seat.outputHash !== outputHash) {
      slashed.push({ providerId: seat.providerId, reason: 'minority' })
    }
  }
  return { outputHash, winners: outputHash ? (votes.get(outputHash) ?? []) : [], slashed }
}
