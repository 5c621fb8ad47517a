import { hmac } from '@noble/hashes/hmac'
import { sha256 } from '@noble/hashes/sha2'
import { type Hex, hexToBytes, keccak256, stringToBytes } from 'viem'
import type { JobId } from '../ids.ts'

/** How often the answers of a provider are checked. */
export type DutyPolicy = {
  /** Checks that must be accepted in a row before any answer goes unchecked. */
  firstChecks: number
  /** The rate never falls below this. */
  leastRate: number
}

/** What a cheat that is caught loses, and how surely it is caught: what the least rate is made of. */
export type Deterrent = {
  /** Loss of a provider that is caught, in prices of one answer: what it is owed, and the profit it is cut off from. */
  lossAnswers: number
  /** Share of cheated answers that a check finds, see docs/verification.md. */
  detection: number
  /** By how much the expected loss is to exceed what a cheated answer can bring. */
  safety: number
}

/**
 * Least rate at which cheating does not pay. A cheated answer brings at most its price; a check finds it with
 * probability rate × detection, and then `lossAnswers` prices are lost. Without anything to lose the rate is 1.
 * @example leastRateOf({ lossAnswers: 100, detection: 0.9, safety: 2 }) // 0.0222…
 */
export const leastRateOf = ({ lossAnswers, detection, safety }: Deterrent): number =>
  Math.min(1, safety / (detection * lossAnswers))

/** What holds unless the buyer sets something else. */
export const defaultDeterrent: Deterrent = { lossAnswers: 100, detection: 0.9, safety: 2 }
export const defaultDutyPolicy: DutyPolicy = { firstChecks: 20, leastRate: leastRateOf(defaultDeterrent) }

/**
 * Share of a provider's answers that is checked now: all at first, then 1/n with the streak of accepted checks.
 * @param streak checks accepted in a row since the last one that was not
 */
export const checkRate = (streak: number, { firstChecks, leastRate }: DutyPolicy): number =>
  streak < firstChecks ? 1 : Math.max(leastRate, firstChecks / (streak + 1))

/** What a buyer keeps or publishes before its first stream: it cannot choose another secret afterwards. */
export const dutyCommitment = (secret: Hex): Hex => keccak256(secret)

/**
 * A number in [0, 1) that only who knows the secret can foresee: HMAC-SHA256(secret, text), its first 48 bits.
 * @param secret 32 random bytes
 */
export function secretShare(secret: Hex, text: string): number {
  const mac = hmac(sha256, hexToBytes(secret), stringToBytes(text))
  return mac.slice(0, 6).reduce((value, byte) => value * 256 + byte, 0) / 2 ** 48
}

/**
 * Whether an answer is to be checked. The provider cannot foresee it, and the buyer cannot choose it once the stream
 * has its id.
 * @param rate see `checkRate`
 */
export const isCheckDue = (secret: Hex, streamId: JobId, rate: number): boolean =>
  secretShare(secret, `check/${streamId}`) < rate

/** One stream as the buyer logged it when it ended. */
export type DutyRecord = { streamId: JobId; rate: number; wasChecked: boolean }

/**
 * Audits a buyer that revealed its secret.
 * @returns ids of streams that should have been checked and were not, or the other way round; undefined when the
 * secret is not the one that was committed to
 */
export function auditDuty(commitment: Hex, secret: Hex, records: readonly DutyRecord[]): JobId[] | undefined {
  if (dutyCommitment(secret) !== commitment) return undefined
  return records
    .filter(({ streamId, rate, wasChecked }) => isCheckDue(secret, streamId, rate) !== wasChecked)
    .map(({ streamId }) => streamId)
}
