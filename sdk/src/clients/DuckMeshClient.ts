import type { JobEvent, JobId, JobStatus, Models, Order, Providers } from '@duckmesh/protocol'
import type { Address, Hex } from 'viem'
import { cancelJob } from '../actions/market/cancelJob.ts'
import { disputeJob, type OpenDispute } from '../actions/market/disputeJob.ts'
import { expireJob } from '../actions/market/expireJob.ts'
import type { DirectJobParameters } from '../actions/market/prepareDirectJob.ts'
import { type PreparedJob, prepareJob, type SubmitJobParameters } from '../actions/market/prepareJob.ts'
import { type RanJob, type RunJobParameters, runJob } from '../actions/market/runJob.ts'
import { type DirectJob, sendDirectJob, submitDirectJob } from '../actions/market/submitDirectJob.ts'
import { sendJob, submitJob } from '../actions/market/submitJob.ts'
import { type DirectAnswer, waitForDirectResult } from '../actions/market/waitForDirectResult.ts'
import { type DisputeResult, waitForDispute } from '../actions/market/waitForDispute.ts'
import {
  type JobAnswer,
  type WaitForResultParameters,
  waitForResult,
} from '../actions/market/waitForResult.ts'
import { type JobAudit, verifyJob } from '../actions/verification/verifyJob.ts'
import { type VerifyReceiptParameters, verifyReceipt } from '../actions/verification/verifyReceipt.ts'
import type { JobOnChain } from '../chain/jobOnChain.ts'
import { readJobOnChain } from '../chain/jobOnChain.ts'
import type { JobEventsParameters } from '../transport/events.ts'
import { type ConnectParameters, connect } from './connect.ts'
import { EvidenceClient } from './EvidenceClient.ts'
import { LedgerClient } from './LedgerClient.ts'

/**
 * A buyer's or auditor's view of one mesh. Every method is one action; the client itself keeps nothing but the
 * connection, so any number of them may be used at once. All errors are `DuckMeshError`s.
 *
 * @example
 * const client = await DuckMeshClient.connect({ coordinatorUrl, rpcUrl, account })
 * await client.deposit(parseDuck('100'))
 * const { jobId } = await client.submitJob({ prompt: 'Once upon a time', maxTokens: 32 })
 * const { text } = await client.waitForResult(jobId)
 */
export class DuckMeshClient extends LedgerClient {
  /**
   * Connects to a mesh: reads the coordinator's terms and checks that the chain is theirs.
   * @param parameters where the mesh is and who is asking
   * @throws DuckMeshError `WRONG_CHAIN`, `SERVICE_UNAVAILABLE`, `CHAIN_UNAVAILABLE`, `BAD_CONFIG`
   * @example const client = await DuckMeshClient.connect({ coordinatorUrl, rpcUrl, account: privateKeyToAccount(key) })
   */
  static async connect(parameters: ConnectParameters): Promise<DuckMeshClient> {
    return new DuckMeshClient(await connect(parameters))
  }

  /** Evidence of jobs, and measured service of providers. */
  readonly evidence = new EvidenceClient(this.context)

  /** Account of this client; undefined for one that only reads. */
  get account(): Address | undefined {
    return this.context.wallet?.account.address
  }

  /**
   * Lists the execution profiles on offer, with the least price of one seat in DUCK wei.
   * @throws DuckMeshError `SERVICE_UNAVAILABLE`
   * @example const { models } = await client.getModels()
   */
  getModels(): Promise<Models> {
    return this.context.coordinator.models()
  }

  /**
   * Lists providers with stake, state and load.
   * @throws DuckMeshError `SERVICE_UNAVAILABLE`
   * @example const { providers } = await client.getProviders()
   */
  getProviders(): Promise<Providers> {
    return this.context.coordinator.providers()
  }

  /**
   * Orders an answer from several independent providers; what most of them agree on is paid for.
   * @param parameters what to run, what it may cost, and by when
   * @returns job id, order and signature
   * @throws DuckMeshError what the coordinator refused with, e.g. `INSUFFICIENT_FUNDS`, `NO_PROVIDERS`,
   * `UNKNOWN_MODEL`; `details.prepared` is the signed job, which `sendJob` sends again
   * @example const { jobId } = await client.submitJob({ prompt: 'Once upon a time', maxTokens: 64, seats: 3 })
   */
  submitJob(parameters: SubmitJobParameters): Promise<PreparedJob> {
    return submitJob(this.context, parameters)
  }

  /**
   * Builds and signs an order without sending it: keep it before `sendJob` to survive a crash in between.
   * @throws DuckMeshError `BAD_REQUEST`, `ORDER_OUT_OF_BOUNDS`, `UNKNOWN_MODEL`, `SERVICE_UNAVAILABLE`
   * @example const job = await client.prepareJob({ prompt: 'Once upon a time' })
   */
  prepareJob(parameters: SubmitJobParameters): Promise<PreparedJob> {
    return prepareJob(this.context, parameters)
  }

  /**
   * Sends a prepared job; sending it again changes nothing.
   * @throws DuckMeshError what the coordinator refused with
   * @example await client.sendJob(await client.prepareJob({ prompt: 'Once upon a time' }))
   */
  sendJob(job: PreparedJob): Promise<PreparedJob> {
    return sendJob(this.context, job)
  }

  /**
   * Owns an order to its end: orders again when nobody took it, for more where the cap allows, waits for what is away,
   * and goes on after a crash with the same `runId` and store. Paid once, whatever happens.
   * @throws DuckMeshError with `details.runId`, `details.attempts` and `details.why`, see `runJob`
   * @example
   * const { text, attempts } = await client.runJob({ prompt: 'Once upon a time', maxPriceWei: parseDuck('5') })
   */
  runJob(parameters: RunJobParameters): Promise<RanJob> {
    return runJob(this.context, parameters)
  }

  /**
   * Follows the events of a job to its end, over cuts of the connection.
   * @throws DuckMeshError `JOB_NOT_FOUND`, `SERVICE_UNAVAILABLE`, `UPSTREAM_ERROR`, `CANCELLED`
   * @example for await (const event of client.events(jobId)) console.log(event.type)
   */
  events(
    jobId: JobId,
    options: Omit<JobEventsParameters, 'baseUrl' | 'fetch' | 'isOver' | 'jobId'> = {},
  ): AsyncGenerator<JobEvent, void, undefined> {
    return this.context.coordinator.events({ ...options, jobId })
  }

  /**
   * Reads the coordinator's public account of a job; nothing in it is verified.
   * @throws DuckMeshError `JOB_NOT_FOUND`, `SERVICE_UNAVAILABLE`
   * @example const { state } = await client.getJobStatus(jobId)
   */
  getJobStatus(jobId: JobId): Promise<JobStatus> {
    return this.context.coordinator.status(jobId)
  }

  /**
   * Reads what the chain knows about a job, without the coordinator.
   * @throws DuckMeshError `CHAIN_UNAVAILABLE`
   * @example const { status, outcome } = await client.getJobOnChain(jobId)
   */
  getJobOnChain(jobId: JobId): Promise<JobOnChain> {
    return readJobOnChain(this.context, jobId)
  }

  /**
   * Waits for the answer and verifies all of it: order, draw, commitments, openings, receipts, majority and payments.
   * @returns text, result, outcome, receipts, checks and transactions
   * @throws DuckMeshError `JOB_FAILED`, `RECEIPT_UNVERIFIED`, `WAIT_TIMEOUT`, `SERVICE_UNAVAILABLE`, `CANCELLED`
   * @example const { text } = await client.waitForResult(jobId, { timeoutMs: 60_000 })
   */
  waitForResult(jobId: JobId, parameters?: WaitForResultParameters): Promise<JobAnswer> {
    return waitForResult(this.context, jobId, parameters)
  }

  /**
   * Audits any redundant job, or the re-execution of a disputed one, from public data.
   * @returns named checks
   * @throws DuckMeshError `JOB_NOT_FOUND`, `SERVICE_UNAVAILABLE`, `CHAIN_UNAVAILABLE`
   * @example const { ok, checks } = await client.verifyJob(jobId)
   */
  verifyJob(jobId: JobId): Promise<JobAudit> {
    return verifyJob(this.context, jobId)
  }

  /**
   * Checks one receipt against order, answer, assignment and the provider's key on chain.
   * @returns `failed` names what does not hold
   * @throws DuckMeshError `CHAIN_UNAVAILABLE`
   * @example const { ok } = await client.verifyReceipt({ receipt, order, result })
   */
  verifyReceipt(parameters: VerifyReceiptParameters): Promise<{ ok: boolean; failed: string[] }> {
    return verifyReceipt(this.context, parameters)
  }

  /**
   * Orders a job from one provider on the on-chain lane: price into escrow first, then the request to its node.
   * @throws DuckMeshError `NO_PROVIDERS`, `UNKNOWN_MODEL`, `CHAIN_REVERTED`, or what the node refused with
   * @example const job = await client.submitDirectJob({ providerId: 2, prompt: 'Once upon a time' })
   */
  submitDirectJob(parameters: DirectJobParameters): Promise<DirectJob> {
    return submitDirectJob(this.context, parameters)
  }

  /**
   * Sends a direct job again; what was done already is not repeated.
   * @throws DuckMeshError see `submitDirectJob`
   * @example await client.sendDirectJob(job)
   */
  sendDirectJob(job: DirectJob): Promise<DirectJob> {
    return sendDirectJob(this.context, job)
  }

  /**
   * Waits for the answer of a direct job and verifies it against the hash on chain and the provider's receipt.
   * @throws DuckMeshError `JOB_FAILED`, `RECEIPT_UNVERIFIED`, `WAIT_TIMEOUT`, `CANCELLED`
   * @example const { text } = await client.waitForDirectResult(job)
   */
  waitForDirectResult(
    job: DirectJob,
    options?: { timeoutMs?: number | undefined; signal?: AbortSignal | undefined },
  ): Promise<DirectAnswer> {
    return waitForDirectResult(this.context, job, options)
  }

  /**
   * Disputes the submitted result of a direct job, so that three others run it again. Calling it again after an error
   * goes on where it ended. Warning: the bond is lost when their majority agrees with the provider.
   * @param claimedOutputHash canonical hash of the result that should have come
   * @throws DuckMeshError `CHAIN_REVERTED`, `WRONG_COORDINATOR`, `INPUT_MISMATCH`, `SERVICE_UNAVAILABLE`
   * @example await client.disputeJob(job, hashCanonical(myResult))
   */
  disputeJob(job: Pick<PreparedJob, 'order' | 'request'>, claimedOutputHash: Hex): Promise<OpenDispute> {
    return disputeJob(this.context, job, claimedOutputHash)
  }

  /**
   * Waits until a disputed job is closed, by the chain alone.
   * @returns whether the dispute was upheld, and who was paid and slashed
   * @throws DuckMeshError `NOT_DISPUTED`, `WAIT_TIMEOUT`, `CHAIN_UNAVAILABLE`, `CANCELLED`
   * @example const { upheld } = await client.waitForDispute(job.order)
   */
  waitForDispute(
    order: Order,
    options?: { timeoutMs?: number | undefined; signal?: AbortSignal | undefined },
  ): Promise<DisputeResult> {
    return waitForDispute(this.context, order, options)
  }

  /**
   * Takes back a posted job that nobody accepted yet.
   * @returns transaction hash
   * @throws DuckMeshError `CHAIN_REVERTED` with `details.reason` `BadState` or `NotRequester`
   * @example await client.cancelJob(job.order)
   */
  cancelJob(order: Order): Promise<Hex> {
    return cancelJob(this.context, order)
  }

  /**
   * Closes a job whose deadline passed; the price goes back to its requester. Anybody may.
   * @returns transaction hash
   * @throws DuckMeshError `CHAIN_REVERTED` with `details.reason` `TooEarly` or `BadState`
   * @example await client.expireJob(job.order)
   */
  expireJob(order: Order): Promise<Hex> {
    return expireJob(this.context, order)
  }
}
