import type { Clock } from '../ports/clock.ts'

/**
 * Where requests wait whom nobody can take at the moment. Who has waited longest is told first when a stream of this
 * buyer ends, since that frees a slot and a part of a promise; everybody looks again after a while, since others end
 * streams too.
 */
export class WaitingRoom {
  readonly #clock: Clock
  readonly #waiting: { ticket: number; wake: () => void }[] = []
  #tickets = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A place in the order, for the whole life of a request. */
  ticket(): number {
    this.#tickets += 1
    return this.#tickets
  }

  /**
   * Resolves when it is this ticket's turn, after `ms`, or when `signal` fires.
   * @param ms milliseconds
   */
  async wait(ticket: number, ms: number, signal: AbortSignal): Promise<void> {
    const turn = new AbortController()
    const mine = { ticket, wake: () => turn.abort() }
    const after = this.#waiting.findIndex((other) => other.ticket > ticket)
    this.#waiting.splice(after < 0 ? this.#waiting.length : after, 0, mine)
    await this.#clock.sleep(ms, AbortSignal.any([signal, turn.signal]))
    const index = this.#waiting.indexOf(mine)
    if (index >= 0) this.#waiting.splice(index, 1)
  }

  /** Something came free: it is the turn of who has waited longest. */
  next(): void {
    this.#waiting.shift()?.wake()
  }
}
