/**
 * Hands items from one producer to one consumer, who takes all that are ready at once. The producer may be ahead by
 * a few items, so that it need not wait for the consumer's other work, and no further.
 */
export class HandOver<Item> {
  readonly #limit: number
  #ready: Item[] = []
  #error: unknown
  #isOver = false
  #wakeConsumer: (() => void) | undefined
  #wakeProducer: (() => void) | undefined

  /** @param limit items at which the producer has to wait */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Adds an item. @returns a promise to wait for when the limit is reached; it resolves when there is room, or it is over */
  put(item: Item): Promise<void> | undefined {
    this.#ready.push(item)
    this.#wakeConsumer?.()
    if (this.#ready.length < this.#limit || this.#isOver) return undefined
    return new Promise((resolve) => {
      this.#wakeProducer = resolve
    })
  }

  /** Says that no item follows; what is ready can still be taken. */
  close(): void {
    this.#over()
  }

  /** Says that no item follows because of an error, which the consumer gets after the items that are ready. */
  fail(error: unknown): void {
    this.#error ??= error
    this.#over()
  }

  /** All items that are ready, at least one; undefined at the end. @throws what `fail` was given */
  async take(): Promise<Item[] | undefined> {
    if (this.#ready.length === 0 && !this.#isOver) {
      await new Promise<void>((resolve) => {
        this.#wakeConsumer = resolve
      })
    }
    const items = this.#ready
    this.#ready = []
    this.#wakeProducer?.()
    if (items.length > 0) return items
    if (this.#error !== undefined) throw this.#error
    return undefined
  }

  #over(): void {
    this.#isOver = true
    this.#wakeConsumer?.()
    this.#wakeProducer?.()
  }
}
