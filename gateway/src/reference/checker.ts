import {
  checkRate,
  type DutyPolicy,
  type Evidence,
  isCheckDue,
  type JobId,
  type MeshDomain,
  type ProviderId,
  type ReplayBody,
  type SignedReceipt,
  type SignedVerdict,
  streamIdOf,
} from '@duckmesh/protocol'
import type { Hex } from 'viem'
import type { AskValidator } from './askValidator.ts'
import { type Accused, chooseValidators, type ValidatorListing } from './chooseValidators.ts'
import { MOST_VALIDATORS, type PanelOutcome, panelOutcome, type Vote } from './panel.ts'
import type { StandingStore } from './standing.ts'
import { type Trap, trapOf } from './traps.ts'

/** An answer that a buyer has received and paid, with the provider's receipt for it. */
export type ReceivedAnswer = {
  body: ReplayBody
  receipt: SignedReceipt
  owner: Accused['owner']
}

/** How the check of an answer ended. `unchecked`: it was not due; `undecided`: too few validators, or they disagree. */
export type CheckResult = PanelOutcome['result'] | 'unchecked'

export type CheckerOptions = {
  domain: MeshDomain
  /** 32 random bytes, fixed before the first stream; publish `dutyCommitment(secret)`. */
  secret: Hex
  policy: DutyPolicy
  store: StandingStore
  /** Nodes that may check answers, as listed now. */
  validators(): Promise<readonly ValidatorListing[]>
  ask: AskValidator
  /** Share of accepted answers after which a validator is tested. @default 0.1 */
  trapRate?: number
  nowMs(): number
  /** Uniform in [0, 1). */
  random(): number
  /** Never gives the same value twice. */
  nextNonce(): bigint
  /** Told when a provider was caught, with evidence that anybody can check: exclude it, close its channel. */
  onCaught(providerId: ProviderId, evidence: Evidence): void
}

/** Checks answers of mode `reference`. */
export type Checker = {
  /**
   * Checks an answer when it is due. Whether it was due is saved before anybody is asked.
   * @param onVerdicts told what validators signed about it, when what follows from it is saved
   * @throws DuckMeshError `STORE_UNAVAILABLE`; a validator that fails is passed over
   */
  check(answer: ReceivedAnswer, onVerdicts?: (verdicts: SignedVerdict[]) => void): Promise<CheckResult>
}

/** Makes the checker of a buyer. */
export function createChecker(options: CheckerOptions): Checker {
  const { domain, secret, policy, store, ask, trapRate = 0.1, nowMs, random, nextNonce, onCaught } = options

  const misjudgedBy = async (listings: readonly ValidatorListing[]) => {
    const known = await Promise.all(listings.map(({ providerId }) => store.standing(providerId)))
    return new Map(known.map(({ providerId, misjudged }) => [providerId, misjudged]))
  }

  const blame = async (validatorId: ProviderId) => {
    const standing = await store.standing(validatorId)
    await store.save({ standing: { ...standing, misjudged: standing.misjudged + 1 } })
  }

  /** Whether a stream is due; decided once, however often it is asked. */
  async function decide(streamId: JobId, streak: number): Promise<boolean> {
    const known = await store.duty(streamId)
    if (known) return known.wasChecked
    const rate = checkRate(streak, policy)
    const wasChecked = isCheckDue(secret, streamId, rate)
    await store.save({ duty: { streamId, rate, wasChecked } })
    return wasChecked
  }

  /** Asks one validator after the other until the outcome is clear. */
  async function panel(accused: Accused, body: ReplayBody) {
    const listings = await options.validators()
    const ranked = chooseValidators(listings, accused, secret, await misjudgedBy(listings))
    const votes: (Vote & { signed: SignedVerdict })[] = []
    for (const validator of ranked) {
      if (votes.length >= MOST_VALIDATORS) break
      const verdict = await ask(validator, body).catch(() => undefined) // busy, gone or lying: another one is asked
      if (!verdict) continue
      votes.push({ validatorId: validator.providerId, ...verdict })
      const outcome = panelOutcome(votes)
      if (outcome) return { outcome, votes, ranked }
    }
    return { outcome: { result: 'undecided', outvoted: [] } satisfies PanelOutcome, votes, ranked }
  }

  /** Gives a validator an answer whose grade is known. */
  async function test(validator: ValidatorListing, { body, expected }: Trap) {
    const verdict = await ask(validator, body).catch(() => undefined)
    if (verdict && (verdict.grade === 'accept') !== (expected === 'accept')) await blame(validator.providerId)
  }

  return {
    async check({ body, receipt, owner }, onVerdicts) {
      const { providerId } = receipt.receipt
      const streamId = streamIdOf(domain, body.stream)
      const standing = await store.standing(providerId)
      if (!(await decide(streamId, standing.streak))) return 'unchecked'
      const accused = { providerId, owner, profile: body.profile, streamId }
      const { outcome, votes, ranked } = await panel(accused, body)
      const latest = await store.standing(providerId)
      const checks = latest.checks + 1
      if (outcome.result === 'rejected') {
        const evidence: Evidence = { answer: body, receipt, verdicts: votes.map(({ signed }) => signed) }
        await store.save({ standing: { ...latest, checks, streak: 0, caughtAtMs: nowMs() }, evidence })
        onCaught(providerId, evidence)
      } else if (outcome.result === 'accepted') {
        await store.save({ standing: { ...latest, checks, streak: latest.streak + 1 } })
      } else if (votes.length > 0) {
        await store.save({ standing: { ...latest, checks, streak: 0 } })
      }
      for (const validatorId of outcome.outvoted) await blame(validatorId)
      if (votes.length > 0) onVerdicts?.(votes.map(({ signed }) => signed))
      const tested = ranked.find((listing) => listing.providerId === votes[0]?.validatorId)
      if (outcome.result === 'accepted' && tested && random() < trapRate) {
        const expected = random() < 0.5 ? 'accept' : 'reject'
        // an answer that was accepted by the validator under test alone would test nothing: only its changed form does
        const known = votes.length > 1 ? expected : 'reject'
        await test(tested, trapOf(body, known, { nonce: nextNonce(), random }))
      }
      return outcome.result
    },
  }
}
