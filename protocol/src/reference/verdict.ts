import type { Address, Hex } from 'viem'
import { isAddressEqual } from 'viem'
import { z } from 'zod'
import type { JobId, ProviderId } from '../ids.ts'
import { hashCanonical } from '../inference/canonical.ts'
import {
  bytes32Schema,
  providerIdSchema,
  signatureSchema,
  uint8Schema,
  unixSecondsSchema,
} from '../schemas/primitives.ts'
import { eip712Domain, type MeshDomain } from '../typed-data/domain.ts'
import { recover } from '../typed-data/recover.ts'
import { replayFiguresSchema } from './figures.ts'

/** EIP-712 type of a ReplayVerdict. */
export const replayVerdictTypes = {
  ReplayVerdict: [
    { name: 'streamId', type: 'bytes32' },
    { name: 'outputHash', type: 'bytes32' },
    { name: 'policy', type: 'bytes32' },
    { name: 'validatorId', type: 'uint32' },
    { name: 'grade', type: 'uint8' },
    { name: 'figuresHash', type: 'bytes32' },
    { name: 'at', type: 'uint40' },
  ],
} as const

/** A validator's statement of how an answer compares with a replay of it. */
export type ReplayVerdict = {
  streamId: JobId
  /** Last head of the chunk chain that the validator was given, see `lastHead`. */
  outputHash: Hex
  /** Canonical hash of the provider's execution profile. */
  policy: Hex
  validatorId: ProviderId
  /** See `replayGrades`. */
  grade: number
  /** Canonical hash of the ReplayFigures. */
  figuresHash: Hex
  /** Unix seconds. */
  at: number
}

/** Wire form of a ReplayVerdict. */
export const replayVerdictSchema = z.strictObject({
  streamId: bytes32Schema,
  outputHash: bytes32Schema,
  policy: bytes32Schema,
  validatorId: providerIdSchema,
  grade: uint8Schema,
  figuresHash: bytes32Schema,
  at: unixSecondsSchema,
}) satisfies z.ZodType<ReplayVerdict, unknown>

/** Answer of `POST /v1/replays`: the verdict with the validator's signature and what it was made of. */
export const signedVerdictSchema = z.strictObject({
  verdict: replayVerdictSchema,
  figures: replayFiguresSchema,
  signature: signatureSchema,
})
export type SignedVerdict = z.output<typeof signedVerdictSchema>

/** Typed data of a ReplayVerdict, signed by the validator's signing key. */
export const replayVerdictTypedData = (domain: MeshDomain, verdict: ReplayVerdict) =>
  ({
    domain: eip712Domain(domain),
    types: replayVerdictTypes,
    primaryType: 'ReplayVerdict',
    message: verdict,
  }) as const

/**
 * Whether a verdict is what its signer said: figures and signature fit.
 * @param signingKey of the validator, as registered on chain
 */
export async function isSignedVerdict(
  domain: MeshDomain,
  { verdict, figures, signature }: SignedVerdict,
  signingKey: Address,
): Promise<boolean> {
  if (hashCanonical(figures) !== verdict.figuresHash) return false
  const signer = await recover({ ...replayVerdictTypedData(domain, verdict), signature })
  return signer !== undefined && isAddressEqual(signer, signingKey)
}
