import type { InferenceRequest, JobId, JobResult, JobStatus, Outcome } from '@duckmesh/protocol'
import type { Hex } from 'viem'
import type { ClientContext } from '../../clients/clientContext.ts'
import { type Check, createCheckList } from './check.ts'
import { gatherEvidence, type JobEvidence } from './jobEvidence.ts'
import { moneyChecks } from './moneyChecks.ts'
import { orderChecks } from './orderChecks.ts'
import { answerChecks, seatChecks } from './seatChecks.ts'

/** Result of an audit. */
export type JobAudit = {
  jobId: JobId
  state: JobStatus['state']
  /** Whether every check holds. */
  ok: boolean
  checks: Check[]
  /** What happened to the money, as the chain says; undefined while the job is open. */
  outcome: Outcome | undefined
  /** Transactions that changed the job, by event, oldest first. */
  transactions: { kind: string; hash: Hex }[]
}

/**
 * Audits a redundant job, or the re-execution of a disputed one, from public data alone: order, draw, commitments,
 * openings, receipts, majority, payments and slashes are recomputed and compared with the chain, whether the seats were
 * anchored or paid at once. Anybody may do this for any job; an open job is checked as far as it went. Receipts of seats
 * that were paid at once come a moment after the payment: without any, that check alone fails.
 *
 * What it cannot see: whether the coordinator left an eligible provider off the list of candidates. Of a disputed job
 * also the answer that was disputed and its receipt, which `waitForDirectResult` checks, and the bond of the challenger
 * with what judges get of it, for which the contract has no events: they follow from its code.
 * @param known answer and request, which only their requester has, to check them too
 * @throws DuckMeshError `JOB_NOT_FOUND`, `SERVICE_UNAVAILABLE`, `CHAIN_UNAVAILABLE`
 */
export async function verifyJob(
  context: ClientContext,
  jobId: JobId,
  known: { answer?: JobResult | undefined; request?: InferenceRequest | undefined } = {},
): Promise<JobAudit> {
  const status = await context.coordinator.status(jobId)
  const evidence = await gatherEvidence(context, { ...status, jobId }, known)
  const { outcome, transactions } = evidence.chain
  return { jobId, state: status.state, ...(await checkEvidence(evidence)), outcome, transactions }
}

/** Runs every check on evidence that was gathered before; needs no network. */
export async function checkEvidence(evidence: JobEvidence): Promise<Pick<JobAudit, 'ok' | 'checks'>> {
  const list = createCheckList()
  await orderChecks(list, evidence)
  await seatChecks(list, evidence)
  await answerChecks(list, evidence)
  moneyChecks(list, evidence)
  return { ok: list.checks.every((check) => check.ok), checks: list.checks }
}
