import {
  type ChannelBooks,
  DuckMeshError,
  type JobId,
  type SignedVoucher,
  type StreamBody,
  streamIdOf,
} from '@duckmesh/protocol'
import type { Logger } from 'pino'
import type { Address, Hex } from 'viem'
import { type Clock, nowSeconds } from '../ports/clock.ts'
import type { Ledger, StreamRow } from '../ports/ledger.ts'
import type { ObserveStream } from '../ports/observe.ts'
import { canFund, checkFunds, checkParty, checkTerms } from './admit.ts'
import { Audience } from './audience.ts'
import type { ChannelBook } from './book.ts'
import type { Books } from './books.ts'
import type { ChainFollower } from './follow.ts'
import { engineFor, type StreamEngine } from './offer.ts'
import { type OpenedRequest, type OpenRequest, openAndCheck } from './openRequest.ts'
import type { StreamPace } from './pace.ts'
import type { EventSink } from './sink.ts'
import type { Stater } from './statements.ts'
import { StreamRun } from './streamRun.ts'
import { checkVoucher } from './voucher.ts'

/** Streams that may be under way at once, those that wait for their clients included. */
const MOST_STREAMS = 1_024
/** When to come back when a channel has enough streams under way, ms. */
const CHANNEL_RETRY_MS = 1_000

export type StreamsOptions = {
  engines: StreamEngine[]
  books: Books
  follower: ChainFollower
  ledger: Ledger
  stater: Stater
  clock: Clock
  logger: Logger
  observe: ObserveStream
  openRequest: OpenRequest
  pace: StreamPace
  /** Streams of one channel that run at once. */
  perChannel: number
  /** Least delay of a channel that is served, seconds. */
  leastDelaySeconds: number
}

/** Connects a client to its stream; resolves when it has what was given before it came. */
export type Join = (sink: EventSink) => Promise<void>

/** The streams of a node: begins them, lets clients come back, takes vouchers, tells what is owed. */
export class Streams {
  readonly #options: StreamsOptions
  readonly #runs = new Map<JobId, StreamRun>()
  readonly #beginning = new Map<JobId, Promise<StreamRun>>()
  #isStopping = false

  constructor(options: StreamsOptions) {
    this.#options = options
  }

  /** Streams under way. */
  get size(): number {
    return this.#runs.size
  }

  /**
   * Begins a stream, or finds the one that was begun with the very same terms. When it resolves, stream and voucher are
   * on disk.
   * @param account who asks
   * @throws DuckMeshError for every reason not to serve it
   */
  async open(body: StreamBody, account: Address): Promise<Join> {
    const streamId = streamIdOf(this.#options.stater.domain, body.stream)
    const before = this.#beginning.get(streamId)
    if (before) await before
    const run = this.#runs.get(streamId)
    const row = this.#options.ledger.stream(streamId)
    if (!run && !row) return this.#begin(body, streamId, account)
    this.#book(body.stream.channelId, account)
    const opened = await openAndCheck(this.#options.openRequest, body)
    await this.#take(body.stream.channelId, body.voucher)
    if (run) return this.#join(run, opened, body.afterChunks)
    return this.#replay(row as StreamRow, opened, body.afterChunks)
  }

  /**
   * Takes a voucher for a stream. One that is not larger than the last changes nothing; one for less than was asked
   * lets the stream go on as far as it reaches.
   * @returns the books of its channel
   * @throws DuckMeshError `NOT_FOUND`, `FORBIDDEN`, `BAD_SIGNATURE`
   */
  async pay(streamId: JobId, voucher: SignedVoucher, account: Address): Promise<ChannelBooks> {
    const row = this.#options.ledger.stream(streamId)
    if (!row) throw new DuckMeshError('NOT_FOUND', 'This node has no such stream.', { streamId })
    const { channelId } = row.stream
    const book = this.#book(channelId, account)
    await this.#take(channelId, voucher)
    await this.#options.observe('voucher-kept', { id: streamId })
    // a promise beyond what the channel held is news of a top-up
    if (book.voucherWei > book.sight.fundedWei) await this.#options.books.lookAgain(book)
    return this.channel(channelId, account)
  }

  /**
   * Takes a voucher that a relay brought: the payer's signature is on it, and no books are given out.
   * @throws DuckMeshError `NOT_FOUND`, `BAD_SIGNATURE`
   */
  async payByRelay(streamId: JobId, voucher: SignedVoucher): Promise<void> {
    const row = this.#options.ledger.stream(streamId)
    const book = row && this.#options.books.find(row.stream.channelId)
    if (!book) throw new DuckMeshError('NOT_FOUND', 'This node has no such stream.', { streamId })
    await this.pay(streamId, voucher, book.config.payer)
  }

  /**
   * The books of a channel, for its payer.
   * @throws DuckMeshError `CHANNEL_UNKNOWN`, `FORBIDDEN`
   */
  channel(channelId: Hex, account: Address): ChannelBooks {
    const book = this.#book(channelId, account)
    const { fundedWei, claimedWei, closableAfter } = book.sight
    return {
      channelId,
      providerId: this.#options.stater.providerId,
      fundedWei,
      claimedWei,
      closableAfter,
      owedWei: this.owedWei(book),
      voucherWei: book.voucherWei,
      openStreams: book.openStreams,
    }
  }

  /** What a channel owes since it was opened, running streams up to their last chunk, DUCK wei. */
  owedWei(book: ChannelBook): bigint {
    return book.openStreams.reduce(
      (sum, streamId) => sum + (this.#runs.get(streamId)?.amountWei ?? 0n),
      book.endedWei,
    )
  }

  /** Looks at the clock for every stream. */
  tick(): void {
    for (const run of this.#runs.values()) run.tick()
  }

  /** Begins nothing more, ends every stream where it is, and resolves when all have their receipt. */
  async stop(): Promise<void> {
    this.#isStopping = true
    await Promise.allSettled(this.#beginning.values())
    for (const run of this.#runs.values()) run.cut()
    await Promise.all([...this.#runs.values()].map(({ done }) => done))
  }

  async #begin(body: StreamBody, streamId: JobId, account: Address): Promise<Join> {
    let opened: OpenedRequest | undefined
    const began = (async () => {
      opened = await this.#check(body, streamId, account)
      return this.#start(body, streamId, opened)
    })()
    this.#beginning.set(streamId, began)
    try {
      const run = await began
      await this.#options.observe('stream-begun', { id: streamId })
      return this.#join(run, opened as OpenedRequest, body.afterChunks)
    } finally {
      this.#beginning.delete(streamId)
    }
  }

  /** Everything that can be wrong with a new stream, cheapest first. */
  async #check(body: StreamBody, streamId: JobId, account: Address): Promise<OpenedRequest> {
    const { books, clock, engines, follower, ledger, leastDelaySeconds, openRequest, stater } = this.#options
    const { channelId, nonce } = body.stream
    checkTerms(body, account, { ...stater, leastDelaySeconds, nowSeconds: nowSeconds(clock) })
    if (ledger.streamByNonce(channelId, nonce)) {
      throw new DuckMeshError('STREAM_KNOWN', 'The nonce was used on this channel.', { nonce: `${nonce}` })
    }
    follower.admit()
    const opened = await openAndCheck(openRequest, body)
    const engine = engineFor(engines, body.stream, opened.request)
    const book = await books.open(channelId, body.channel)
    const offer = engine.offer()
    // what refuses it may have been mended on chain since the last look
    if (!canFund(book, body, opened.request, offer, follower.chainSeconds())) await books.lookAgain(book)
    if (body.voucher.maxCumulativeWei > book.voucherWei) {
      await checkVoucher(stater.domain, channelId, body.channel, body.voucher)
    }
    await this.#options.observe('stream-checked', { id: streamId })
    return opened
  }

  /** From the last checks to the ledger without a pause: what is checked here still holds when it is written. */
  #start(body: StreamBody, streamId: JobId, { request }: OpenedRequest): StreamRun {
    const { books, clock, engines, follower, ledger, logger, observe, pace, perChannel, stater } =
      this.#options
    const { stream, voucher } = body
    const book = books.find(stream.channelId)
    if (!book) throw new DuckMeshError('CHANNEL_UNKNOWN', 'The channel is not in the books.')
    if (this.#isStopping) throw new DuckMeshError('SERVICE_UNAVAILABLE', 'The node stops.')
    if (this.#runs.size >= MOST_STREAMS || book.openStreams.length >= perChannel) {
      const details = { openStreams: book.openStreams.length, perChannel, retryAfterMs: CHANNEL_RETRY_MS }
      throw new DuckMeshError('RATE_LIMITED', 'There are enough streams under way.', details)
    }
    const engine = engineFor(engines, stream, request)
    const reserveWei = checkFunds(book, body, request, engine.offer(), follower.chainSeconds())
    const lease = engine.slots.enter(engine.generator.busy)
    try {
      const row = ledger.begin(stream, streamId, nowSeconds(clock), voucher)
      book.raise(voucher)
      book.enter(streamId, reserveWei)
      const { generator } = engine
      const options = { row, request, generator, lease, book, ledger, stater, clock, logger, observe, pace }
      const run = new StreamRun(options)
      this.#runs.set(streamId, run)
      void run.done.then(() => this.#runs.delete(streamId))
      return run
    } catch (error) {
      lease.release()
      throw error
    }
  }

  #join(run: StreamRun, { sealEvent }: OpenedRequest, afterChunks: number): Join {
    checkAfter(afterChunks, run.chunks)
    return (sink) => run.audience.join(sink, sealEvent, afterChunks)
  }

  /** A stream that has ended is given again from disk. */
  #replay({ streamId, chunks, end }: StreamRow, { sealEvent }: OpenedRequest, afterChunks: number): Join {
    const { clock, ledger, stater } = this.#options
    checkAfter(afterChunks, chunks)
    if (!end || (afterChunks < chunks && ledger.chunks(streamId, afterChunks, 1).length === 0)) {
      const details = { streamId, chunks }
      throw new DuckMeshError('STREAM_CUT', 'The chunks of this stream are not kept any more.', details)
    }
    const audience = new Audience({
      streamId,
      providerId: stater.providerId,
      stored: (from, count) => ledger.chunks(streamId, from, count),
      given: () => chunks,
      nowMs: () => clock.nowMs(),
      onLive: () => undefined,
    })
    return async (sink) => {
      await audience.finish(end)
      await audience.join(sink, sealEvent, afterChunks)
    }
  }

  /** Keeps a voucher when it is larger than the one that is there. */
  async #take(channelId: Hex, voucher: SignedVoucher): Promise<void> {
    const { books, ledger, stater } = this.#options
    const book = books.find(channelId)
    if (!book || voucher.maxCumulativeWei <= book.voucherWei) return
    await checkVoucher(stater.domain, channelId, book.config, voucher)
    ledger.raise(channelId, voucher)
    book.raise(voucher)
  }

  #book(channelId: Hex, account: Address): ChannelBook {
    const book = this.#options.books.find(channelId)
    if (!book) throw new DuckMeshError('CHANNEL_UNKNOWN', 'This node has no such channel.', { channelId })
    checkParty(book.config, account)
    return book
  }
}

function checkAfter(afterChunks: number, chunks: number): void {
  if (afterChunks <= chunks) return
  throw new DuckMeshError('BAD_REQUEST', 'The stream has fewer chunks than that.', { afterChunks, chunks })
}
