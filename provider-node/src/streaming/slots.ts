import { DuckMeshError } from '@duckmesh/protocol'

/** Weight of the latest stream in the mean length. */
const WEIGHT = 0.2
/** Bounds of the time that a client is told to wait, ms. */
const LEAST_WAIT_MS = 250
const MOST_WAIT_MS = 60_000

/** A place in front of an engine. */
export type Lease = { release(): void }

/**
 * Counts the streams that an engine runs or has waiting, and refuses more. How long a refused client should wait
 * follows from how long streams took lately.
 */
export class StreamSlots {
  readonly #slots: number
  readonly #maxWaiting: number
  readonly #nowMs: () => number
  #taken = 0
  #meanMs = 1_000

  /**
   * @param slots streams that run at once
   * @param maxWaiting streams that may wait for them
   */
  constructor(slots: number, maxWaiting: number, nowMs: () => number) {
    this.#slots = slots
    this.#maxWaiting = maxWaiting
    this.#nowMs = nowMs
  }

  /** Streams that run or wait. */
  get taken(): number {
    return this.#taken
  }

  /**
   * Takes a place.
   * @param busy what the engine says is running or waiting, work of other lanes included
   * @throws DuckMeshError `EXECUTOR_BUSY` with `details.retryAfterMs`
   */
  enter(busy: number): Lease {
    const load = Math.max(this.#taken, busy)
    if (load >= this.#slots + this.#maxWaiting) throw this.#busy(load)
    const fromMs = this.#nowMs()
    let isTaken = true
    this.#taken += 1
    return {
      release: () => {
        if (!isTaken) return
        isTaken = false
        this.#taken -= 1
        this.#meanMs += WEIGHT * (this.#nowMs() - fromMs - this.#meanMs)
      },
    }
  }

  #busy(load: number): DuckMeshError {
    // a place comes free each time one of the slots ends a stream
    const waitMs = Math.round(this.#meanMs / this.#slots)
    const retryAfterMs = Math.min(MOST_WAIT_MS, Math.max(LEAST_WAIT_MS, waitMs))
    return new DuckMeshError('EXECUTOR_BUSY', `${load} streams run or wait already.`, { load, retryAfterMs })
  }
}
