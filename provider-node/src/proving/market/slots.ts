/** Proofs that this node works on, up to its slots: with none left it asks for nothing. */
export class Slots {
  #free: number
  #freed = Promise.withResolvers<void>()

  constructor(slots: number) {
    this.#free = slots
  }

  get isFree(): boolean {
    return this.#free > 0
  }

  /** Resolves when the next slot is given back. */
  freed(): Promise<void> {
    return this.#freed.promise
  }

  async hold(work: () => Promise<void>): Promise<void> {
    this.#free--
    try {
      await work()
    } finally {
      this.#free++
      this.#freed.resolve()
      this.#freed = Promise.withResolvers()
    }
  }
}
