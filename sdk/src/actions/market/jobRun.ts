import { DuckMeshError, hashCanonical, type Skipped, skippedSchema } from '@duckmesh/protocol'
import { type ClientContext, walletOf } from '../../clients/clientContext.ts'
import { isTransient, sleep } from '../../transport/retry.ts'
import { nextPriceWei } from './nextPriceWei.ts'
import { orderFate } from './orderFate.ts'
import { inferenceRequestOf, type PreparedJob, prepareJob } from './prepareJob.ts'
import { resolveModel } from './resolveModel.ts'
import type { RanJob, RunJobParameters } from './runJob.ts'
import { runNonce } from './runNonce.ts'
import { createMemoryRunStore, type RunAttempt, type RunRecord, type RunStore } from './runStore.ts'
import { sendJob } from './submitJob.ts'
import { type JobAnswer, waitForResult } from './waitForResult.ts'

const MOST_PAUSE_MS = 15_000
/** Pause between looks at a service that is away, or at an order that only the chain knows, milliseconds. */
const AWAY_MS = 1_000

/** A run on its way: which order comes next, what became of the last one. See `runJob`. */
export class JobRun {
  readonly #context: ClientContext
  readonly #parameters: RunJobParameters
  readonly #store: RunStore
  readonly #deadline: AbortSignal
  readonly #signal: AbortSignal
  readonly #endsAtMs: number
  readonly #why = new Map<number, Skipped>()
  #record: RunRecord
  /** Service that is away now, and why the last order brought nothing. */
  #away: DuckMeshError | undefined
  #failed: DuckMeshError | undefined
  #failures = 0

  constructor(context: ClientContext, parameters: RunJobParameters) {
    const { timeoutMs = 600_000, signal } = parameters
    this.#context = context
    this.#parameters = parameters
    this.#store = parameters.store ?? createMemoryRunStore()
    this.#deadline = AbortSignal.timeout(timeoutMs)
    this.#signal = signal ? AbortSignal.any([signal, this.#deadline]) : this.#deadline
    this.#endsAtMs = performance.now() + timeoutMs
    this.#record = { runId: parameters.runId ?? crypto.randomUUID(), attempts: [] }
  }

  async answer(): Promise<RanJob> {
    const { runId } = this.#record
    runNonce(walletOf(this.#context).account.address, runId, 0)
    this.#record = (await this.#store.load(runId)) ?? this.#record
    this.#checkRequest()
    for (;;) {
      const attempt = await this.#patiently(() => this.#current())
      const answer = await this.#follow(attempt)
      if (answer) return { ...answer, runId, attempts: this.#record.attempts, why: [...this.#why.values()] }
    }
  }

  /** The same error, with what this run knows. */
  explain(error: DuckMeshError): DuckMeshError {
    const isLate = this.#deadline.aborted && !this.#parameters.signal?.aborted
    const late = new DuckMeshError('WAIT_TIMEOUT', 'The run has no answer in its time; it can go on.')
    const told = isLate && error.code === 'CANCELLED' ? (this.#away ?? this.#failed ?? late) : error
    const attempts = this.#record.attempts.map(({ job, end, code }) => ({
      jobId: job.jobId,
      priceWei: job.order.priceWei.toString(),
      end,
      code,
    }))
    const facts = { runId: this.#record.runId, attempts, why: [...this.#why.values()] }
    return new DuckMeshError(told.code, told.message, { ...told.details, ...facts }, { cause: error })
  }

  /** The order to follow now: one whose end is not known, one that the chain has, else a new one. */
  async #current(): Promise<RunAttempt> {
    const { attempts } = this.#record
    const last = attempts.at(-1)
    if (!last) return this.#order(0, undefined)
    if (last.end === null || last.end === 'answered') return last
    const ofNonce = attempts.filter(({ generation }) => generation === last.generation)
    const jobIds = ofNonce.map(({ job }) => job.jobId)
    const fate = await orderFate(this.#context, last.job.order.nonce, jobIds)
    if (fate.is === 'entered') {
      if (this.#failures > 0) await this.#pause()
      return ofNonce.find(({ job }) => job.jobId === fate.jobId)!
    }
    if (fate.is === 'unknown') {
      const message = 'The nonce of this run was voided, or used by an order that this run does not know.'
      throw new DuckMeshError('NONCE_USED', message, { nonce: last.job.order.nonce.toString() })
    }
    return this.#order(fate.is === 'refunded' ? last.generation + 1 : last.generation, last)
  }

  /** Signs a new order and keeps it. Nothing is sent yet. */
  async #order(generation: number, last: RunAttempt | undefined): Promise<RunAttempt> {
    const { seats = 3, maxPriceWei, model } = this.#parameters
    const { models } = await this.#context.coordinator.models()
    const { minPriceWei } = resolveModel(models, model, seats)
    const leastWei = this.#parameters.priceWei ?? minPriceWei * BigInt(seats)
    const capWei = maxPriceWei ?? leastWei
    const firstWei = leastWei < capWei ? leastWei : capWei
    const priceWei = last ? await this.#nextPriceWei(last.job, capWei) : firstWei
    const nonce = runNonce(walletOf(this.#context).account.address, this.#record.runId, generation)
    const job = await prepareJob(this.#context, { ...this.#parameters, maxPriceWei: priceWei, nonce })
    const attempt: RunAttempt = { job, generation, end: null, code: null }
    await this.#keep([...this.#record.attempts, attempt])
    this.#parameters.onAttempt?.(attempt)
    return attempt
  }

  async #nextPriceWei({ order }: PreparedJob, capWei: bigint): Promise<bigint> {
    const { providers } = await this.#context.coordinator.providers()
    const { priceWei: currentWei, seats, policy } = order
    const skipped = [...this.#why.values()]
    const next = nextPriceWei({ currentWei, capWei, seats, policy, skipped, providers })
    if (next === currentWei) await this.#pause()
    return next < capWei ? next : capWei
  }

  /** Sends an order, waits for it, and notes its end. @returns undefined when it ended without an answer */
  async #follow(attempt: RunAttempt): Promise<JobAnswer | undefined> {
    const { jobId, request } = attempt.job
    const { onEvent } = this.#parameters
    try {
      const answer = await this.#patiently(async () => {
        // an order that was taken is known to the coordinator, which then says so and does nothing
        if (attempt.end === null) await sendJob(this.#context, attempt.job)
        const timeoutMs = Math.max(1, Math.ceil(this.#endsAtMs - performance.now()))
        return waitForResult(this.#context, jobId, { timeoutMs, onEvent, request, signal: this.#signal })
      })
      await this.#end(attempt, 'answered', null)
      return answer
    } catch (thrown) {
      const error = DuckMeshError.from(thrown)
      this.#learn(error)
      const end = ENDS[error.code]
      if (!end) throw error
      await this.#end(attempt, end, error.code)
      this.#failures += 1
      this.#failed = error
      if (this.#failures >= (this.#parameters.maxAttempts ?? 6)) throw error
      return undefined
    }
  }

  /** Repeats what failed because coordinator or chain is away, until the run is over. */
  async #patiently<T>(call: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        const value = await call()
        this.#away = undefined
        return value
      } catch (thrown) {
        const error = DuckMeshError.from(thrown)
        if (!isTransient(error)) throw error
        this.#away = error
        await sleep(AWAY_MS, this.#signal)
      }
    }
  }

  #pause(): Promise<void> {
    const { pauseMs = 1_000 } = this.#parameters
    return sleep(Math.min(pauseMs * 2 ** Math.max(0, this.#failures - 1), MOST_PAUSE_MS), this.#signal)
  }

  #learn({ details }: DuckMeshError): void {
    const skipped = skippedSchema.array().safeParse(details.skipped)
    for (const one of skipped.data ?? []) this.#why.set(one.providerId, one)
  }

  async #end(attempt: RunAttempt, end: RunAttempt['end'], code: string | null): Promise<void> {
    Object.assign(attempt, { end, code })
    await this.#keep(this.#record.attempts)
    this.#parameters.onAttempt?.(attempt)
  }

  async #keep(attempts: RunAttempt[]): Promise<void> {
    const record = { runId: this.#record.runId, attempts }
    await this.#store.save(record)
    this.#record = record
  }

  #checkRequest(): void {
    const [first] = this.#record.attempts
    if (!first || first.job.order.inputHash === hashCanonical(inferenceRequestOf(this.#parameters))) return
    throw new DuckMeshError('BAD_REQUEST', 'This run was begun with another request; take another run id.')
  }
}

/** Errors after which an order is over for its coordinator; what the chain says of it is asked before the next one. */
const ENDS: Partial<Record<DuckMeshError['code'], 'refused' | 'failed'>> = {
  NO_PROVIDERS: 'refused',
  ORDER_EXPIRED: 'refused',
  NONCE_USED: 'refused',
  JOB_FAILED: 'failed',
}
