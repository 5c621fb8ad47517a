import {
  auditFailures,
  type EvidenceItem,
  type EvidenceOfJob,
  type ExecutionEvidence,
  evidenceHash,
  evidenceMeaning,
  executionFailures,
  type JobId,
  jobIdOfEvidence,
  type PlacedEvidence,
  type ProviderId,
  providerIdOfEvidence,
} from '@duckmesh/protocol'
import { type Address, zeroAddress } from 'viem'
import { readJobOnChain } from '../../chain/jobOnChain.ts'
import { readMesh } from '../../chain/readMesh.ts'
import { signingKeysAt } from '../../chain/signingKeysAt.ts'
import type { ClientContext } from '../../clients/clientContext.ts'
import { type Check, createCheckList } from '../verification/check.ts'
import { type AnchorOnChain, anchorsOf, findAnchor, inclusionProblems } from './inclusion.ts'

/** One piece of evidence with what was found. */
export type CheckedEvidence = {
  item: EvidenceItem
  /** Whether every check holds. */
  ok: boolean
  checks: Check[]
  /** Where the chain has it; undefined while it waits. */
  anchor: AnchorOnChain | undefined
  proves: string
  doesNotProve: string
}

/** Everything that is known of a job, checked. */
export type VerifiedEvidence = { jobId: JobId; ok: boolean; evidence: CheckedEvidence[] }

/**
 * Fetches the evidence of a job or stream and believes none of it: leaves are made anew, signatures are checked against
 * the keys on chain when it was collected, payment and inclusion against the chain.
 *
 * What it cannot see: evidence that the coordinator leaves out of its answer.
 * @throws DuckMeshError `NOT_FOUND` when there is none, `SERVICE_UNAVAILABLE`, `CHAIN_UNAVAILABLE`, `BAD_CONFIG` when no
 * address of EvidenceAnchors is known
 */
export async function verifyEvidence(context: ClientContext, jobId: JobId): Promise<VerifiedEvidence> {
  anchorsOf(context)
  const answer = await context.coordinator.evidence(jobId)
  const evidence = await Promise.all(answer.items.map((placed) => checkOne(context, jobId, placed, answer)))
  return { jobId, ok: evidence.length > 0 && evidence.every(({ ok }) => ok), evidence }
}

async function checkOne(
  context: ClientContext,
  jobId: JobId,
  placed: PlacedEvidence,
  answer: EvidenceOfJob,
): Promise<CheckedEvidence> {
  const { item, inclusion } = placed
  const { checks, add } = createCheckList()
  const isOurs = answer.jobId === jobId && jobIdOfEvidence(item) === jobId
  add('subject', isOurs ? [] : ['it is about another job'], `about ${jobId}`)
  const inclusionFaults = await inclusionProblems(context, placed)
  const anchor =
    inclusion && inclusionFaults.length === 0
      ? await findAnchor(context, inclusion.anchorer, inclusion.sequence)
      : undefined
  const providerId = providerIdOfEvidence(item)
  const keys = await keysOf(context, providerId, placed, anchor)
  if (item.kind === 'execution') {
    const failed = await forSomeKey(keys, (key) => executionFailures(context.domain, item, key))
    add('receipt', failed, `signed by provider ${providerId}`)
    add('payment', await paymentProblems(context, item), `paid by ${item.paid.by}, as the chain says`)
  } else if (item.kind === 'audit') {
    const execution = findExecution(context, answer, item.of)
    const failed = execution
      ? await forSomeKey(keys, (key) => auditFailures(context.domain, item, execution, key))
      : ['execution']
    add(
      'verdict',
      failed,
      `signed by validator ${providerId} about provider ${execution?.receipt.providerId}`,
    )
  }
  const place =
    inclusion && `leaf ${inclusion.index} of ${inclusion.batch.count} in batch ${inclusion.sequence}`
  add('inclusion', inclusionFaults, `${place} of ${inclusion?.anchorer}`)
  const ok = checks.every((check) => check.ok)
  return { item, ok, checks, anchor, ...evidenceMeaning[item.kind] }
}

/**
 * Keys that a provider had while the batch was collected: at its anchor, and at that of the batch before, for one that
 * was replaced in between.
 */
async function keysOf(
  context: ClientContext,
  providerId: ProviderId,
  { inclusion }: PlacedEvidence,
  anchor: AnchorOnChain | undefined,
): Promise<Address[]> {
  const before =
    anchor && inclusion && inclusion.sequence > 0
      ? await findAnchor(context, inclusion.anchorer, inclusion.sequence - 1)
      : undefined
  const blocks = before ? [anchor?.block, before.block] : [anchor?.block]
  const keys = await Promise.all(blocks.map((block) => signingKeysAt(context, [providerId], block)))
  return [...new Set(keys.flatMap((found) => found.get(providerId) ?? []))]
}

/** What does not hold with the key that fits best; without any key nothing is signed. */
async function forSomeKey(keys: Address[], check: (key: Address) => Promise<string[]>): Promise<string[]> {
  const found = await Promise.all((keys.length > 0 ? keys : [zeroAddress]).map(check))
  return found.toSorted((a, b) => a.length - b.length)[0]!
}

const findExecution = ({ domain }: ClientContext, { items }: EvidenceOfJob, hash: string) =>
  items
    .map(({ item }) => item)
    .find(
      (item): item is ExecutionEvidence => item.kind === 'execution' && evidenceHash(domain, item) === hash,
    )

async function paymentProblems(
  context: ClientContext,
  { receipt, paid }: ExecutionEvidence,
): Promise<string[]> {
  if (paid.by === 'channel') {
    const { opened } = await readMesh(context, 'channelOf', [paid.stream.channelId])
    return opened ? [] : ['the chain has no such channel']
  }
  const { outcome, outputHash, status } = await readJobOnChain(context, receipt.jobId)
  if (status !== 'paid') return [`the job is ${status} on chain`]
  const problems: string[] = []
  const isPaid = outcome?.paid.some(({ providerId }) => providerId === receipt.providerId)
  if (!isPaid) problems.push(`provider ${receipt.providerId} was not paid for it`)
  if ((outcome?.outputHash ?? outputHash) !== receipt.outputHash) problems.push('another output was paid for')
  return problems
}
