/** Things under way, at most one for each key, so that nothing is done twice at the same time. */
export class Tasks {
  readonly #running = new Map<string, Promise<void>>()

  /**
   * Starts `work` unless something with this key is under way.
   * @param work must handle its own errors
   * @returns whether it was started
   */
  start(key: string, work: () => Promise<void>): boolean {
    if (this.#running.has(key)) return false
    const task = work().finally(() => this.#running.delete(key))
    this.#running.set(key, task)
    return true
  }

  /**
   * Starts `work` when what is under way with this key has ended; of several that wait for it the first to come is started.
   * @param work must handle its own errors
   */
  startAfter(key: string, work: () => Promise<void>): void {
    const before = this.#running.get(key)
    if (before) void before.then(() => this.start(key, work))
    else this.start(key, work)
  }

  /** Resolves when nothing is under way any more. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running.values())
  }
}
