import type { DuckMeshError } from '@duckmesh/protocol'
import type { PartHealth } from '../buyer.ts'
import type { Clock } from './clock.ts'

/** Remembers how the last call of something outside ended, so that what is down is seen and not guessed. */
export class HealthNote {
  readonly #clock: Clock
  #lastOkAtMs: number | null = null
  #code: string | null = null

  constructor(clock: Clock) {
    this.#clock = clock
  }

  answered(): void {
    this.#lastOkAtMs = this.#clock.nowMs()
    this.#code = null
  }

  failed({ code }: DuckMeshError): void {
    this.#code = code
  }

  get health(): PartHealth {
    return {
      isOk: this.#code === null && this.#lastOkAtMs !== null,
      lastOkAtMs: this.#lastOkAtMs,
      code: this.#code,
    }
  }
}
