import type { Clock } from '../ports/clock.ts'

/** Notes since when another side does not answer. */
export class Reachability {
  readonly #clock: Clock
  #sinceMs: number | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** When it first failed, ms; undefined while it answers. */
  get unreachableSinceMs(): number | undefined {
    return this.#sinceMs
  }

  answered(): void {
    this.#sinceMs = undefined
  }

  failed(): void {
    this.#sinceMs ??= this.#clock.nowMs()
  }
}
