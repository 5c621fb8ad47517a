import {
  bindReplay,
  DuckMeshError,
  figuresOf,
  gradeOf,
  hashCanonical,
  type MeshDomain,
  type ProviderId,
  type ReplayBody,
  type ReplayVerdict,
  replayGrades,
  replayVerdictTypedData,
  type SignedVerdict,
  thresholdsFor,
} from '@duckmesh/protocol'
import type { LocalAccount } from 'viem'
import { type Clock, nowSeconds } from '../ports/clock.ts'
import type { Replayer } from './replayer.ts'

/** What a validator works with. */
export type ValidatorParts = {
  domain: MeshDomain
  /** The provider that judges, and its signing key. */
  providerId: ProviderId
  signer: LocalAccount
  clock: Clock
  /** One for each model of this node. */
  replayers: readonly Replayer[]
}

/** Judges an answer of another provider. */
export type Validator = (body: ReplayBody, signal: AbortSignal) => Promise<SignedVerdict>

/**
 * Makes the validator of a node: replays an answer, grades what it finds, and signs that.
 * @throws (the validator) DuckMeshError `INPUT_MISMATCH`, `REPLAY_IMPOSSIBLE`, `UNKNOWN_MODEL`, and what a Replayer throws
 */
export function createValidator({ domain, providerId, signer, clock, replayers }: ValidatorParts): Validator {
  return async (body, signal) => {
    const { stream, profile } = body
    const { streamId, outputHash } = bindReplay(domain, body)
    const replayer = replayers.find((candidate) => candidate.profile.model === profile.model)
    if (!replayer) {
      throw new DuckMeshError('UNKNOWN_MODEL', 'This node does not run that model.', { model: profile.model })
    }
    const figures = figuresOf(body, await replayer.replay(body, signal))
    const thresholds = thresholdsFor(profile.model, profile.kernelClass, figures.kernelClass)
    const verdict: ReplayVerdict = {
      streamId,
      outputHash,
      policy: stream.policy,
      validatorId: providerId,
      grade: replayGrades[gradeOf(figures, thresholds).grade],
      figuresHash: hashCanonical(figures),
      at: nowSeconds(clock),
    }
    const signature = await signer.signTypedData(replayVerdictTypedData(domain, verdict))
    return { verdict, figures, signature }
  }
}
