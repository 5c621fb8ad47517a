import {
  bindReplay,
  DuckMeshError,
  gradeOf,
  isSignedVerdict,
  type MeshDomain,
  nodeRoutes,
  type ReplayBody,
  type ReplayGrade,
  replayGrades,
  type SignedVerdict,
  signedVerdictSchema,
  thresholdsFor,
} from '@duckmesh/protocol'
import type { Fetch } from '../ports/fetch.ts'
import { callJson } from '../streams/http.ts'
import type { ValidatorListing } from './chooseValidators.ts'

/** A verdict that was checked, with the grade that its figures have here. */
export type CheckedVerdict = { signed: SignedVerdict; grade: ReplayGrade }

/** Asks one validator about one answer. */
export type AskValidator = (validator: ValidatorListing, body: ReplayBody) => Promise<CheckedVerdict>

export type AskValidatorOptions = {
  domain: MeshDomain
  /** `Authorization` header for a node with this signing key. */
  authorization(audience: ValidatorListing['signingKey']): Promise<string>
  fetch: Fetch
  /** Longest wait for a verdict, milliseconds. */
  timeoutMs: number
}

/**
 * Makes the function that asks a validator's node and believes no more than what it signed: the verdict must be about
 * just this answer, and the grade is taken from the signed figures by the thresholds of this buyer.
 * @throws (the function) DuckMeshError `UPSTREAM_ERROR` for a verdict that does not hold, and what `callJson` throws
 */
export function askValidator({ domain, authorization, fetch, timeoutMs }: AskValidatorOptions): AskValidator {
  return async (validator, body) => {
    const signed = await callJson(
      {
        baseUrl: validator.endpoint,
        route: nodeRoutes.replay,
        body,
        authorization: await authorization(validator.signingKey),
        timeoutMs,
        fetch,
      },
      signedVerdictSchema,
    )
    const { verdict, figures } = signed
    const { streamId, outputHash } = bindReplay(domain, body)
    const { profile, stream } = body
    const { grade } = gradeOf(figures, thresholdsFor(profile.model, profile.kernelClass, figures.kernelClass))
    const holds =
      verdict.streamId === streamId &&
      verdict.outputHash === outputHash &&
      verdict.policy === stream.policy &&
      verdict.validatorId === validator.providerId &&
      verdict.grade === replayGrades[grade] &&
      (await isSignedVerdict(domain, signed, validator.signingKey))
    if (holds) return { signed, grade }
    throw new DuckMeshError('UPSTREAM_ERROR', 'The verdict does not hold.', {
      validatorId: validator.providerId,
    })
  }
}
