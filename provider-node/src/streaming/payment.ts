import { type JobId, type Stream, type StreamUsage, streamPriceWei } from '@duckmesh/protocol'
import type { ChannelBook } from './book.ts'

/** What the client is told when its voucher is used up, or soon will be. */
export type Ask = { needWei: bigint; untilMs: number }

export type PaymentOptions = {
  book: ChannelBook
  stream: Stream
  streamId: JobId
  /** Tokens that a client is asked to pay ahead. */
  stepTokens: number
  /** Most tokens of the answer. */
  maxTokens: number
  /** How long a stream waits for a voucher, ms. */
  waitMs: number
  nowMs: () => number
  /** Tells the client. */
  ask: (ask: Ask) => void
}

/** Sees to it that every piece is paid before it is given. */
export class Payment {
  readonly #options: PaymentOptions
  #asked: Ask | undefined
  #waiting: AbortController | undefined

  constructor(options: PaymentOptions) {
    this.#options = options
  }

  /** When the wait for a voucher ends, ms; undefined while none is waited for. */
  get untilMs(): number | undefined {
    return this.#waiting && this.#asked?.untilMs
  }

  /** What the client was asked for and has not paid yet. */
  get open(): Ask | undefined {
    return this.#asked && this.#asked.needWei > this.#options.book.limitWei ? this.#asked : undefined
  }

  /**
   * Reserves the price of a usage, and waits for a voucher when the channel does not hold it. The client is asked before
   * the last is used up, so that one that answers at once never waits.
   * @param end ends the wait
   * @returns false when nobody paid in time
   */
  async cover(usage: StreamUsage, end: AbortSignal): Promise<boolean> {
    const { book, nowMs, stepTokens, stream, streamId, waitMs } = this.#options
    const upToWei = streamPriceWei(stream, usage)
    if (book.reserve(streamId, upToWei)) {
      const soonWei = this.#aheadOf(usage, Math.ceil(stepTokens / 2))
      if (book.committedWei + soonWei > book.limitWei && !this.open) this.#ask(usage)
      return true
    }
    this.#waiting = new AbortController()
    const reserved = book.waitFor(streamId, upToWei, AbortSignal.any([this.#waiting.signal, end]))
    // asked just now, the client may be about to pay; longer ago, the question may be forgotten
    if (!this.open || this.open.untilMs - nowMs() < waitMs / 2) this.#ask(usage)
    const isPaid = await reserved
    this.#waiting = undefined
    return isPaid
  }

  /** Ends the wait: the time is over. */
  expire(): void {
    this.#waiting?.abort()
  }

  /** What so many tokens more cost beyond what is reserved or waited for, DUCK wei. */
  #aheadOf({ completionTokens, promptTokens }: StreamUsage, tokens: number): bigint {
    const { book, maxTokens, stream, streamId } = this.#options
    const reach = { promptTokens, completionTokens: Math.min(completionTokens + tokens, maxTokens) }
    const haveWei = book.reservedWei(streamId) + book.waitsForWei(streamId)
    const aheadWei = streamPriceWei(stream, reach) - haveWei
    return aheadWei > 0n ? aheadWei : 0n
  }

  #ask(usage: StreamUsage): void {
    const { ask, book, nowMs, stepTokens, waitMs } = this.#options
    const needWei = book.committedWei + book.wantedWei + this.#aheadOf(usage, stepTokens)
    this.#asked = { needWei, untilMs: nowMs() + waitMs }
    ask(this.#asked)
  }
}
