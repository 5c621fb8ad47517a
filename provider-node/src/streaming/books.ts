import { type ChannelConfig, DuckMeshError } from '@duckmesh/protocol'
import type { Hex } from 'viem'
import type { Chain } from '../ports/chain.ts'
import type { Ledger } from '../ports/ledger.ts'
import { ChannelBook } from './book.ts'

/** Channels that may be looked up on chain at the same time: strangers cannot make the node ask without end. */
const MOST_LOOKUPS = 16
/** Least time between two looks that callers cause, ms. */
const LOOK_AGAIN_MS = 500
/** When to come back after that, ms. */
const LOOKUP_RETRY_MS = 500

export type BooksOptions = {
  ledger: Ledger
  chain: Chain
  /** See `ChannelBook`. */
  marginSeconds: number
  /** Time of the chain now, unix seconds. */
  chainSeconds: () => number
  nowMs: () => number
}

/** The channels of this provider, as the ledger, the chain and the streams that run make them. */
export class Books {
  readonly #options: BooksOptions
  readonly #books = new Map<Hex, ChannelBook>()
  /** Channels that were read from the chain since this process began, and whose events are followed; when, ms. */
  readonly #followed = new Map<Hex, number>()
  /** First looks under way. */
  readonly #looking = new Map<Hex, Promise<ChannelBook>>()

  constructor(options: BooksOptions) {
    this.#options = options
  }

  /** The book of a channel that had a stream here before. */
  find(channelId: Hex): ChannelBook | undefined {
    const known = this.#books.get(channelId)
    if (known) return known
    const row = this.#options.ledger.channel(channelId)
    if (!row) return undefined
    const book = new ChannelBook(row, this.#options.marginSeconds, this.#options.chainSeconds)
    this.#books.set(channelId, book)
    return book
  }

  /**
   * The book of a channel that a stream is to run on; read from the chain at first sight in this process, once for all
   * streams that come at the same time.
   * @throws DuckMeshError `CHANNEL_UNKNOWN` when the chain has no such channel, `CHAIN_UNAVAILABLE`, `EXECUTOR_BUSY`
   */
  async open(channelId: Hex, config: ChannelConfig): Promise<ChannelBook> {
    const known = this.find(channelId)
    if (known && this.#followed.has(channelId)) return known
    const before = this.#looking.get(channelId)
    if (before) return before
    if (this.#looking.size >= MOST_LOOKUPS) {
      const details = { lookups: this.#looking.size, retryAfterMs: LOOKUP_RETRY_MS }
      throw new DuckMeshError('EXECUTOR_BUSY', 'Too many new channels at once.', details)
    }
    const looking = this.look(channelId, config).finally(() => this.#looking.delete(channelId))
    this.#looking.set(channelId, looking)
    return looking
  }

  /**
   * Reads a channel from the chain now.
   * @throws DuckMeshError `CHANNEL_UNKNOWN`, `CHAIN_UNAVAILABLE`
   */
  async look(channelId: Hex, config: ChannelConfig): Promise<ChannelBook> {
    const { chain, chainSeconds, ledger } = this.#options
    const seenAt = chainSeconds() // before the call: what is seen is at least as new
    const { opened, ...amounts } = await chain.channel(channelId)
    const sight = { ...amounts, seenAt }
    // a channel that was there may be gone with its block: then it holds nothing
    this.find(channelId)?.see(sight)
    if (!opened) {
      throw new DuckMeshError('CHANNEL_UNKNOWN', 'The chain has no such channel.', { channelId })
    }
    ledger.see(channelId, config, sight)
    const book = this.find(channelId)
    if (!book) throw new DuckMeshError('STORE_UNAVAILABLE', 'The books lost a channel.', { channelId })
    this.#followed.set(channelId, this.#options.nowMs())
    return book
  }

  /** Books whose channel may hold something to be claimed, or has streams. */
  unclaimed(): ChannelBook[] {
    return this.#options.ledger.unclaimedChannels().flatMap(({ channelId }) => this.find(channelId) ?? [])
  }

  /** Whether the chain was asked about a channel since this process began. */
  isFollowed({ channelId }: ChannelBook): boolean {
    return this.#followed.has(channelId)
  }

  /** Followed channels. */
  followed(): ChannelBook[] {
    return [...this.#followed.keys()].flatMap((channelId) => this.find(channelId) ?? [])
  }

  /**
   * Reads a channel again unless that was done just now.
   * @throws DuckMeshError `CHAIN_UNAVAILABLE`
   */
  async lookAgain(book: ChannelBook): Promise<void> {
    const lookedMs = this.#followed.get(book.channelId) ?? 0
    if (this.#options.nowMs() - lookedMs >= LOOK_AGAIN_MS) await this.refresh(book)
  }

  /**
   * Reads a channel in the books again.
   * @throws DuckMeshError `CHAIN_UNAVAILABLE`
   */
  async refresh({ channelId, config }: ChannelBook): Promise<void> {
    await this.look(channelId, config).catch((thrown: unknown) => {
      if (DuckMeshError.from(thrown).code !== 'CHANNEL_UNKNOWN') throw thrown
      this.#followed.delete(channelId)
    })
  }

  /** The chain was quiet about this channel up to that second. */
  confirm(book: ChannelBook, seenAt: number): void {
    if (seenAt > book.sight.seenAt) book.see({ ...book.sight, seenAt })
  }
}
