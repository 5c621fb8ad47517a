import { DuckMeshError } from '@duckmesh/protocol'

type Waiting = { start: () => void }

/** Weight of the newest run in the mean duration. */
const NEWEST = 0.2
/** Guess before any run has ended, ms. */
const UNMEASURED_MS = 1_000

/** The error of a run whose caller gave up. */
function cancelled(signal: AbortSignal): DuckMeshError {
  return new DuckMeshError('CANCELLED', 'The run was cancelled.', {}, { cause: signal.reason })
}

/**
 * First-in-first-out queue in front of a fixed number of engine slots. It is bounded: a node that is behind
 * says so at once instead of letting work wait past its deadline.
 */
export class RunQueue {
  readonly #slots: number
  readonly #maxWaiting: number
  readonly #nowMs: () => number
  readonly #waiting: Waiting[] = []
  #running = 0
  /** Moving mean of the runs that ended by themselves, ms. */
  #meanMs: number | undefined
  readonly #idle: Array<() => void> = []

  /**
   * @param slots tasks that run at the same time
   * @param maxWaiting tasks that may wait for a slot
   * @param nowMs clock of the durations. @default performance.now
   */
  constructor({
    slots,
    maxWaiting,
    nowMs = () => performance.now(),
  }: {
    slots: number
    maxWaiting: number
    nowMs?: () => number
  }) {
    this.#slots = slots
    this.#maxWaiting = maxWaiting
    this.#nowMs = nowMs
  }

  /** Tasks that run or wait. */
  get size(): number {
    return this.#running + this.#waiting.length
  }

  /**
   * Runs `task` as soon as a slot is free.
   * @throws DuckMeshError `EXECUTOR_BUSY` with `details.retryAfterMs` when the queue is full, `CANCELLED` when `signal` fires first; and
   * whatever the task throws
   */
  async run<Result>(task: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    await this.#enter(signal)
    const startedMs = this.#nowMs()
    try {
      const result = await task()
      const tookMs = this.#nowMs() - startedMs
      this.#meanMs = this.#meanMs === undefined ? tookMs : this.#meanMs + NEWEST * (tookMs - this.#meanMs)
      return result
    } finally {
      this.#leave()
    }
  }

  /** Resolves when nothing runs or waits. */
  async idle(): Promise<void> {
    if (this.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  /** When a place in the queue should be free, from how long runs took so far, ms. */
  #retryAfterMs(): number {
    return Math.ceil((this.#meanMs ?? UNMEASURED_MS) / this.#slots)
  }

  #enter(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(cancelled(signal))
    if (this.#running < this.#slots) {
      this.#running += 1
      return Promise.resolve()
    }
    if (this.#waiting.length >= this.#maxWaiting) {
      return Promise.reject(
        new DuckMeshError('EXECUTOR_BUSY', `${this.#running} run and ${this.#waiting.length} wait already.`, {
          running: this.#running,
          waiting: this.#waiting.length,
          retryAfterMs: this.#retryAfterMs(),
        }),
      )
    }
    return new Promise((resolve, reject) => {
      const entry: Waiting = {
        start: () => {
          signal?.removeEventListener('abort', giveUp)
          resolve()
        },
      }
      const giveUp = () => {
        this.#waiting.splice(this.#waiting.indexOf(entry), 1)
        reject(cancelled(signal as AbortSignal))
      }
      signal?.addEventListener('abort', giveUp, { once: true })
      this.#waiting.push(entry)
    })
  }

  #leave(): void {
    const next = this.#waiting.shift()
    // The slot passes on directly, so that a newcomer cannot slip in before the one that waits.
    if (next) {
      next.start()
      return
    }
    this.#running -= 1
    if (this.#running > 0) return
    for (const resolve of this.#idle.splice(0)) resolve()
  }
}
