import { type Address, isAddressEqual, zeroAddress } from 'viem'
import { hashCanonical } from '../inference/canonical.ts'
import { isSignedVerdict } from '../reference/verdict.ts'
import { streamIdOf } from '../streaming/stream.ts'
import { channelIdOf } from '../typed-data/channelConfig.ts'
import type { MeshDomain } from '../typed-data/domain.ts'
import { receiptTypedData } from '../typed-data/receipt.ts'
import { recover } from '../typed-data/recover.ts'
import { type AuditEvidence, type ExecutionEvidence, evidenceHash, type SlaEvidence } from './item.ts'
import { slaWindowOf, slaWindowTypedData } from './slaWindow.ts'

/** Collects what does not hold. */
function failures(checks: Record<string, boolean>): string[] {
  return Object.entries(checks).flatMap(([name, holds]) => (holds ? [] : [name]))
}

const isSigner = (signer: Address | undefined, key: Address): boolean =>
  signer !== undefined && key !== zeroAddress && isAddressEqual(signer, key)

/**
 * Checks a proof of execution offline. It proves that the provider signed for this output, tokens and amount of this job;
 * not that the output is right.
 * @param signingKey of the provider, as registered on chain
 * @returns names of what does not hold; empty when it is good
 */
export async function executionFailures(
  domain: MeshDomain,
  { receipt, signature, paid }: ExecutionEvidence,
  signingKey: Address,
): Promise<string[]> {
  const isStream = paid.by === 'channel'
  return failures({
    signature: isSigner(await recover({ ...receiptTypedData(domain, receipt), signature }), signingKey),
    finishedAt: receipt.startedAt <= receipt.finishedAt,
    stream: !isStream || streamIdOf(domain, paid.stream) === receipt.jobId,
    channel: !isStream || channelIdOf(domain, paid.channel) === paid.stream.channelId,
    providerId: !isStream || paid.channel.providerId === receipt.providerId,
  })
}

/**
 * Checks a proof of audit offline. It proves that a validator signed this verdict about just this output; not that its
 * replay was honest, nor that it is independent of the provider.
 * @param execution that it is about, itself checked by `executionFailures`
 * @param signingKey of the validator, as registered on chain
 * @returns names of what does not hold; empty when it is good
 */
export async function auditFailures(
  domain: MeshDomain,
  { verdict, figures, signature, of }: AuditEvidence,
  execution: ExecutionEvidence,
  signingKey: Address,
): Promise<string[]> {
  const { receipt, paid } = execution
  const isSigned = await isSignedVerdict(domain, { verdict, figures, signature }, signingKey)
  return failures({
    signature: signingKey !== zeroAddress && isSigned,
    of: evidenceHash(domain, execution) === of,
    streamId: verdict.streamId === receipt.jobId,
    outputHash: verdict.outputHash === receipt.outputHash,
    policy: paid.by === 'channel' && verdict.policy === paid.stream.policy,
    validatorId: verdict.validatorId !== receipt.providerId,
  })
}

/**
 * Checks a proof of service level offline. It proves that the observer signed these figures and that they follow from the
 * samples; not that the samples are what happened.
 * @param observer whose word is asked for
 * @returns names of what does not hold; empty when it is good
 */
export async function slaFailures(
  domain: MeshDomain,
  { window, samples, signature }: SlaEvidence,
  observer: Address,
): Promise<string[]> {
  const { samplesHash, ...told } = window
  const { samplesHash: wanted, ...found } = slaWindowOf(window, samples)
  return failures({
    signature: isSigner(await recover({ ...slaWindowTypedData(domain, window), signature }), observer),
    observer: isAddressEqual(window.observer, observer),
    samplesHash: samplesHash === wanted,
    figures: hashCanonical(told) === hashCanonical(found),
    until: window.from < window.until,
  })
}
