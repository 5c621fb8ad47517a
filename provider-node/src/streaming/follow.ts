import { DuckMeshError, type ProviderId } from '@duckmesh/protocol'
import type { Logger } from 'pino'
import { type Address, isAddressEqual } from 'viem'
import type { Chain } from '../ports/chain.ts'
import type { Clock } from '../ports/clock.ts'
import type { Books } from './books.ts'

/** Blocks whose events are read once more: some endpoints are behind others, and blocks can be replaced. */
const OVERLAP_BLOCKS = 8n
/** Blocks that are searched at once; after a longer silence every channel is read anew. */
const MOST_BLOCKS = 1_000n

export type FollowOptions = {
  books: Books
  chain: Chain
  clock: Clock
  logger: Logger
  providerId: ProviderId
  /** Key that this node signs with. */
  signingKey: Address
  /** Time after the last answer of the chain in which new streams are still taken, ms. */
  graceMs: number
}

/** Whether the streaming lane takes new work. */
export type StreamingHealth = {
  status: 'ok' | 'degraded' | 'closed'
  sinceMs: number | null
  reason: string | null
}

/**
 * Follows the chain: which channels changed, what time it is there, whether this node still signs for its provider.
 * It never trusts one probe: every look counts anew, and without news nothing is given beyond what was confirmed.
 */
export class ChainFollower {
  readonly #options: FollowOptions
  #seenBlock: bigint | undefined
  #answeredMs: number | undefined
  #failure: { error: DuckMeshError; sinceMs: number } | undefined
  #aheadSeconds = 0
  #otherKey: { key: Address; sinceMs: number } | undefined

  constructor(options: FollowOptions) {
    this.#options = options
  }

  /** Time of the chain, unix seconds: that of the machine, or later when the last block was. */
  chainSeconds(): number {
    return Math.floor(this.#options.clock.nowMs() / 1_000) + this.#aheadSeconds
  }

  health(): StreamingHealth {
    if (this.#otherKey) {
      const reason = `the provider signs with ${this.#otherKey.key} on chain`
      return { status: 'closed', sinceMs: this.#otherKey.sinceMs, reason }
    }
    if (!this.#failure) return { status: 'ok', sinceMs: null, reason: null }
    const { error, sinceMs } = this.#failure
    return { status: this.#isInGrace() ? 'degraded' : 'closed', sinceMs, reason: error.message }
  }

  /**
   * Lets a new stream pass.
   * @throws DuckMeshError `NOT_REGISTERED` when another key signs for the provider, `CHAIN_UNAVAILABLE` when the chain
   * has been silent for too long
   */
  admit(): void {
    if (this.#otherKey) {
      const details = { registered: this.#otherKey.key }
      throw new DuckMeshError('NOT_REGISTERED', 'This node does not sign for its provider any more.', details)
    }
    if (!this.#failure || this.#isInGrace()) return
    const { error, sinceMs } = this.#failure
    const details = { sinceMs, retryAfterMs: 5_000 }
    throw new DuckMeshError('CHAIN_UNAVAILABLE', 'The chain does not answer this provider.', details, {
      cause: error,
    })
  }

  /** One look; failures are noted, never thrown. */
  async look(): Promise<void> {
    const { clock, logger } = this.#options
    const fromMs = clock.nowMs()
    try {
      await this.#look(fromMs)
      if (this.#failure)
        logger.info({ forMs: fromMs - this.#failure.sinceMs }, 'the chain is back for streams')
      this.#failure = undefined
      this.#answeredMs = fromMs
    } catch (thrown) {
      const error = DuckMeshError.from(thrown)
      if (!this.#failure) logger.warn({ err: error }, 'the chain is away for streams')
      this.#failure = { error, sinceMs: this.#failure?.sinceMs ?? fromMs }
    }
  }

  async #look(nowMs: number): Promise<void> {
    const { books, chain, providerId, signingKey } = this.#options
    const [head, provider] = await Promise.all([chain.head(), chain.provider(providerId)])
    this.#aheadSeconds = Math.max(0, head.nowSeconds - Math.floor(nowMs / 1_000))
    this.#otherKey = isAddressEqual(provider.signingKey, signingKey)
      ? undefined
      : { key: provider.signingKey, sinceMs: this.#otherKey?.sinceMs ?? nowMs }
    const before = books.followed()
    const changed = await this.#changed(head.number)
    for (const book of before) {
      if (changed === 'all' || changed.has(book.channelId)) await books.refresh(book)
      else books.confirm(book, Math.floor(nowMs / 1_000) + this.#aheadSeconds)
    }
    this.#seenBlock = head.number
  }

  async #changed(number: bigint): Promise<Set<string> | 'all'> {
    const { chain } = this.#options
    const seen = this.#seenBlock
    if (seen === undefined || number < seen || number - seen > MOST_BLOCKS) return 'all'
    const from = seen > OVERLAP_BLOCKS ? seen - OVERLAP_BLOCKS : 0n
    return new Set(await chain.changedChannels(from, number))
  }

  #isInGrace(): boolean {
    const { clock, graceMs } = this.#options
    return this.#answeredMs !== undefined && clock.nowMs() - this.#answeredMs <= graceMs
  }
}
