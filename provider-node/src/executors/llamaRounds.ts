import { setImmediate as nextTurn } from 'node:timers/promises'

/**
 * Keeps the answers of one engine context in step, so that their next tokens are computed in one batch. Left alone,
 * node-llama-cpp begins the next batch with whoever has drawn first, and two answers would take turns for ever.
 */
export class LlamaRounds {
  /** Answers under way. */
  #answers = 0
  #drawing = 0
  #round: PromiseWithResolvers<void> | undefined

  enter(): void {
    this.#answers += 1
  }

  leave(): void {
    this.#answers -= 1
  }

  /** Resolves with the draw when all draws that began with it, those of the same batch, are done. */
  async together<Drawn>(draw: Promise<Drawn>): Promise<Drawn> {
    this.#drawing += 1
    this.#round ??= Promise.withResolvers()
    const round = this.#round
    await Promise.allSettled([draw])
    this.#drawing -= 1
    if (this.#drawing === 0) {
      this.#round = undefined
      round.resolve()
    }
    await round.promise
    return draw
  }

  /** To be waited for between two tokens: then the next ones of all answers are asked for at the same moment. */
  async align(): Promise<void> {
    if (this.#answers > 1) await nextTurn()
  }
}
