import { DuckMeshError, formatDuck, type ProviderId } from '@duckmesh/protocol'
import type { Logger } from 'pino'
import type { Hex } from 'viem'
import type { Chain } from '../ports/chain.ts'
import type { ObserveStream } from '../ports/observe.ts'
import type { ChannelBook } from './book.ts'
import type { Books } from './books.ts'
import { type ClaimTerms, claimsOf, type DueClaim } from './claimPlan.ts'

/** Claims in one transaction; the contract takes no more. */
const MOST_CLAIMS = 256
/** Channels that are read from the chain at once. */
const READS_AT_ONCE = 16

export type ClaimerOptions = {
  books: Books
  chain: Chain
  logger: Logger
  observe: ObserveStream
  providerId: ProviderId
  terms: ClaimTerms
  /** What streams of a channel cost so far, running ones up to their last chunk, DUCK wei. */
  owedWei: (book: ChannelBook) => bigint
}

/**
 * Brings what is owed onto the chain. It keeps no list of its own: what is due follows from books and chain each time,
 * and after every attempt the channels are read again, whatever became of the transaction.
 */
export class Claimer {
  readonly #options: ClaimerOptions
  /** Claims that moved nothing, by channel. */
  readonly #fruitless = new Map<Hex, string>()
  #last: Promise<void> = Promise.resolve()

  constructor(options: ClaimerOptions) {
    this.#options = options
  }

  /**
   * Claims what is due.
   * @param isAll takes everything that is worth its gas: every now and then, and when the node stops
   * @throws DuckMeshError of the chain, after the channels were read again where that was possible
   */
  claim(isAll: boolean): Promise<void> {
    // one after another: what the one before has claimed is not sent again
    this.#last = this.#last.catch(() => undefined).then(() => this.#claim(isAll))
    return this.#last
  }

  async #claim(isAll: boolean): Promise<void> {
    const { books, owedWei, terms } = this.#options
    const unclaimed = books.unclaimed()
    // a round looks at all of them: a block with a deposit may have been replaced
    await this.#refresh(unclaimed.filter((book) => isAll || !books.isFollowed(book)))
    const due = claimsOf(unclaimed, owedWei, terms, isAll).filter((claim) => this.#isNew(claim))
    for (let from = 0; from < due.length; from += MOST_CLAIMS) {
      await this.#claimBatch(due.slice(from, from + MOST_CLAIMS))
    }
  }

  async #claimBatch(due: DueClaim[]): Promise<void> {
    const { chain, logger, observe, providerId } = this.#options
    const facts = { id: due[0]!.book.channelId }
    const claims = due.flatMap(({ book: { config, voucher }, upToWei }) =>
      voucher
        ? [
            {
              config,
              maxCumulativeWei: voucher.maxCumulativeWei,
              cumulativeWei: upToWei,
              voucherSignature: voucher.signature,
            },
          ]
        : [],
    )
    const beforeWei = due.reduce((sum, { book }) => sum + book.sight.claimedWei, 0n)
    await observe('claim-planned', facts)
    const failure = await chain.send({ kind: 'claim', providerId, claims }).then(
      () => undefined,
      (thrown: unknown) => DuckMeshError.from(thrown),
    )
    await observe('claim-sent', facts)
    await this.#refresh(due.map(({ book }) => book))
    await observe('claim-seen', facts)
    const claimedWei = due.reduce((sum, { book }) => sum + book.sight.claimedWei, 0n) - beforeWei
    if (claimedWei > 0n) logger.info({ channels: due.length, claimed: formatDuck(claimedWei) }, 'claimed')
    if (failure) throw failure
    for (const claim of due.filter(({ book, upToWei }) => book.sight.claimedWei < upToWei)) {
      logger.warn({ channelId: claim.book.channelId }, 'the chain gave less than was claimed')
      this.#fruitless.set(claim.book.channelId, nameOf(claim))
    }
  }

  /** What moved nothing is not sent again before something has changed: each time would cost gas. */
  #isNew(claim: DueClaim): boolean {
    return this.#fruitless.get(claim.book.channelId) !== nameOf(claim)
  }

  async #refresh(channels: ChannelBook[]): Promise<void> {
    for (let from = 0; from < channels.length; from += READS_AT_ONCE) {
      const some = channels.slice(from, from + READS_AT_ONCE)
      await Promise.all(some.map((book) => this.#options.books.refresh(book)))
    }
  }
}

const nameOf = ({ book, upToWei }: DueClaim): string =>
  [upToWei, book.voucherWei, book.sight.fundedWei].join(':')
