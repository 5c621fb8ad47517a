import type { LlamaContext, LlamaContextSequence, Token } from 'node-llama-cpp'

/** Share of a text that a slot must hold already to be worth its own text; else the one used longest ago is taken. */
const WORTH_KEEPING = 0.5

/** A place for one text in the engine's memory. */
export type LlamaSlot = { sequence: LlamaContextSequence }

/**
 * The slots of a context. Each keeps its last text, and a request gets the free slot that shares most of its
 * beginning, when that is half of it: a chat that goes on is read from where it ended.
 */
export class LlamaSlots {
  readonly #context: LlamaContext
  /** Least recently used first. */
  readonly #free: LlamaSlot[]

  /** Takes all sequences of a context that has none in use. */
  constructor(context: LlamaContext) {
    this.#context = context
    this.#free = Array.from({ length: context.totalSequences }, () => ({ sequence: context.getSequence() }))
  }

  /** The best free slot for a text. The caller sees to it that one is free. */
  take(tokens: readonly Token[]): LlamaSlot {
    const shared = this.#free.map(({ sequence }) => sharedLength(sequence.contextTokens, tokens))
    const most = Math.max(...shared)
    const [slot] = this.#free.splice(most >= tokens.length * WORTH_KEEPING ? shared.indexOf(most) : 0, 1)
    if (!slot) throw new Error('No slot is free.')
    return slot
  }

  /**
   * Forgets what a slot holds beyond the beginning that it shares with a text.
   * @param most tokens that may be kept, less than the text has
   * @returns how many tokens of the text are kept
   */
  async keepShared({ sequence }: LlamaSlot, tokens: readonly Token[], most: number): Promise<number> {
    const held = sequence.contextTokens
    // Recurrent and sliding-window models cannot go back to an earlier place.
    const keep = sequence.needsCheckpoints ? 0 : Math.min(most, sharedLength(held, tokens))
    if (keep === 0) await sequence.clearHistory()
    else if (keep < held.length) await sequence.eraseContextTokenRanges([{ start: keep, end: held.length }])
    return keep
  }

  /** Gives a slot back. After a failure its state is unknown, and it is made anew. */
  async give(slot: LlamaSlot, hasFailed: boolean): Promise<void> {
    if (hasFailed && !this.#context.disposed) {
      await slot.sequence.dispose()
      slot.sequence = this.#context.getSequence()
    }
    this.#free.push(slot)
  }
}

function sharedLength(held: readonly Token[], tokens: readonly Token[]): number {
  const limit = Math.min(held.length, tokens.length)
  let length = 0
  while (length < limit && held[length] === tokens[length]) length += 1
  return length
}
