import { type Address, isAddressEqual } from 'viem'
import { z } from 'zod'
import { DuckMeshError } from '../errors/duckMeshError.ts'
import type { ProviderId } from '../ids.ts'
import { signedReceiptSchema } from '../schemas/statements.ts'
import type { MeshDomain } from '../typed-data/domain.ts'
import { receiptTypedData } from '../typed-data/receipt.ts'
import { recover } from '../typed-data/recover.ts'
import { gradeOf, replayGrades } from './grade.ts'
import { bindReplay, joinChunks, type ReplayBody, replayBodySchema } from './replay.ts'
import { thresholdsFor } from './thresholds.ts'
import { isSignedVerdict, type SignedVerdict, signedVerdictSchema } from './verdict.ts'

/** Validators that must reject an answer. */
const LEAST_REJECTIONS = 2

/** Everything about one bad answer, to be checked by anybody without a network. */
export const evidenceSchema = z.strictObject({
  answer: replayBodySchema,
  /** Of the provider, over the same chunks. */
  receipt: signedReceiptSchema,
  verdicts: z.array(signedVerdictSchema).max(16),
})
export type Evidence = z.output<typeof evidenceSchema>

/** What does not hold of a piece of evidence. */
export type EvidenceFailure = 'answer' | 'receipt' | 'receipt.signature' | 'verdicts' | 'rejections'

/**
 * Checks evidence offline: the provider signed a receipt for just these chunks of just this request, and validators of
 * other providers signed that their replay rejects them, by figures that the thresholds of this version reject too.
 * It does not show why the provider failed, nor that validators do not belong together.
 * @param signingKeys keys as registered on chain, by provider id
 * @returns what fails; empty when the evidence holds
 */
export async function verifyEvidence(
  domain: MeshDomain,
  { answer, receipt: signed, verdicts }: Evidence,
  signingKeys: ReadonlyMap<ProviderId, Address>,
): Promise<EvidenceFailure[]> {
  const bound = tryBind(domain, answer)
  if (!bound) return ['answer']
  const { receipt, signature } = signed
  const failed: EvidenceFailure[] = []
  const isOfAnswer =
    receipt.jobId === bound.streamId &&
    receipt.outputHash === bound.outputHash &&
    receipt.promptTokens === answer.promptTokens &&
    receipt.completionTokens === joinChunks(answer.chunks).tokens.length
  if (!isOfAnswer) failed.push('receipt')
  const providerKey = signingKeys.get(receipt.providerId)
  const signer = await recover({ ...receiptTypedData(domain, receipt), signature })
  if (!providerKey || !signer || !isAddressEqual(signer, providerKey)) failed.push('receipt.signature')
  const rejecting = new Set<ProviderId>()
  for (const entry of verdicts) {
    const { validatorId } = entry.verdict
    const key = signingKeys.get(validatorId)
    const { streamId, outputHash } = entry.verdict
    const isAbout = streamId === bound.streamId && outputHash === bound.outputHash
    const isSigned = key !== undefined && (await isSignedVerdict(domain, entry, key))
    if (!isAbout || !isSigned || validatorId === receipt.providerId) failed.push('verdicts')
    else if (isRejection(answer, entry)) rejecting.add(validatorId)
  }
  if (rejecting.size < LEAST_REJECTIONS) failed.push('rejections')
  return [...new Set(failed)]
}

/** A verdict counts by its figures: a grade that they do not support is nobody's evidence. */
export const isRejection = ({ profile, stream }: ReplayBody, { verdict, figures }: SignedVerdict): boolean =>
  verdict.policy === stream.policy &&
  verdict.grade === replayGrades.reject &&
  gradeOf(figures, thresholdsFor(profile.model, profile.kernelClass, figures.kernelClass)).grade === 'reject'

function tryBind(domain: MeshDomain, answer: ReplayBody): ReturnType<typeof bindReplay> | undefined {
  try {
    return bindReplay(domain, answer)
  } catch (error) {
    if (error instanceof DuckMeshError) return undefined
    throw error
  }
}
