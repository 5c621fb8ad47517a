import {
  type AuditEvidence,
  auditFailures,
  DuckMeshError,
  type EvidenceBody,
  type EvidenceItem,
  type ExecutionEvidence,
  evidenceHash,
  executionFailures,
  type ProviderId,
  receiptTypedData,
  recover,
  replayVerdictTypedData,
} from '@duckmesh/protocol'
import { type Address, zeroAddress } from 'viem'
import type { Container } from '../../container.ts'
import { requireAnchors } from './view.ts'

/** Statements of one provider that may wait for a batch: so many that no honest one meets it often. */
const MOST_PENDING = 1_024

/**
 * Takes what somebody knows of a job or stream. Nothing of it is believed: receipt and verdicts are signed by registered
 * providers, the order was paid on chain to this provider for this output, or the channel of the stream is its own and
 * on chain. What is there already stands.
 * @returns how many statements were new
 * @throws DuckMeshError `RECEIPT_INVALID`, `BAD_SIGNATURE`, `NOT_REGISTERED`, `JOB_NOT_DONE`, `CHANNEL_UNKNOWN`,
 * `EQUIVOCATION`, `RATE_LIMITED`, `NOT_FOUND` when no evidence is kept here
 */
export async function takeEvidence(container: Container, body: EvidenceBody): Promise<{ taken: number }> {
  requireAnchors(container)
  const { store, clock, domain } = container
  const execution: ExecutionEvidence = { kind: 'execution', ...body.receipt, paid: body.paid }
  const { jobId, providerId } = execution.receipt
  await checkExecution(container, execution)
  const standing = await store.execution(jobId, providerId)
  if (standing && evidenceHash(domain, standing) !== evidenceHash(domain, execution)) {
    const message = `Provider ${providerId} signed another receipt for this job before.`
    throw new DuckMeshError('EQUIVOCATION', message, { stands: evidenceHash(domain, standing) })
  }
  const items: EvidenceItem[] = [execution]
  for (const { verdict, figures, signature } of body.verdicts) {
    const of = evidenceHash(domain, execution)
    const audit: AuditEvidence = { kind: 'audit', verdict, figures, signature, of }
    await checkAudit(container, audit, execution)
    items.push(audit)
  }
  const records = items.map((item) => ({ hash: evidenceHash(domain, item), item }))
  return { taken: await store.addEvidence(records, clock.nowMs()) }
}

async function checkExecution(container: Container, item: ExecutionEvidence): Promise<void> {
  const { chain, domain } = container
  const { receipt, signature, paid } = item
  const { jobId, providerId, outputHash } = receipt
  const signer = await recover({ ...receiptTypedData(domain, receipt), signature })
  await checkProvider(container, providerId, signer)
  const failed = await executionFailures(domain, item, signer ?? zeroAddress)
  if (failed.length > 0) throw new DuckMeshError('RECEIPT_INVALID', 'The receipt does not hold.', { failed })
  if (paid.by === 'channel') {
    const { channelId } = paid.stream
    if (await chain.isChannelOpened(channelId)) return
    throw new DuckMeshError('CHANNEL_UNKNOWN', 'The chain has no such channel.', { channelId })
  }
  const isOurs = (await container.store.execution(jobId, providerId)) !== undefined
  if (isOurs || (await chain.isPaidFor(jobId, providerId, outputHash))) return
  throw new DuckMeshError('JOB_NOT_DONE', 'The chain has not paid this provider for this output.', { jobId })
}

async function checkAudit(
  container: Container,
  item: AuditEvidence,
  execution: ExecutionEvidence,
): Promise<void> {
  const { domain } = container
  const { verdict, signature } = item
  const signer = await recover({ ...replayVerdictTypedData(domain, verdict), signature })
  await checkProvider(container, verdict.validatorId, signer)
  const failed = await auditFailures(domain, item, execution, signer ?? zeroAddress)
  if (failed.length === 0) return
  throw new DuckMeshError('RECEIPT_INVALID', 'A verdict does not hold.', { failed, verdict })
}

/** Whether a statement was signed by the key that its provider has on chain now, and there is room for it. */
async function checkProvider(
  { chain, store }: Container,
  providerId: ProviderId,
  signer: Address | undefined,
): Promise<void> {
  const found = signer ? await chain.providerIdByKey(signer) : 0
  if (found === 0)
    throw new DuckMeshError('NOT_REGISTERED', 'No registered provider signed this.', { signer })
  if (found !== providerId) {
    throw new DuckMeshError('BAD_SIGNATURE', `Provider ${found} signed for provider ${providerId}.`)
  }
  if ((await store.countPending(providerId)) < MOST_PENDING) return
  throw new DuckMeshError('RATE_LIMITED', `So much of provider ${providerId} waits already.`, {
    retryAfterMs: 60_000,
  })
}
