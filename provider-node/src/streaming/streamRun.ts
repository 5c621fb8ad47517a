import {
  type Chunk,
  DuckMeshError,
  type JobId,
  nextHead,
  type Stream,
  type StreamEnd,
  type StreamRequest,
  streamAmountWei,
} from '@duckmesh/protocol'
import type { Logger } from 'pino'
import type { Generator } from '../executors/generator.ts'
import { type Clock, nowSeconds } from '../ports/clock.ts'
import type { Ledger, StreamRow } from '../ports/ledger.ts'
import type { ObserveStream, StreamStage } from '../ports/observe.ts'
import { Audience, type Reader } from './audience.ts'
import type { ChannelBook } from './book.ts'
import { orAbort } from './orAbort.ts'
import { Outbox, type Parcel } from './outbox.ts'
import { gatherMs, type StreamPace } from './pace.ts'
import { type Ask, Payment } from './payment.ts'
import { type Outcome, Production } from './production.ts'
import type { StreamEventName } from './sink.ts'
import type { Lease } from './slots.ts'
import { type Stater, signCheckpoint, signReceipt } from './statements.ts'

export type StreamRunOptions = {
  row: StreamRow
  request: StreamRequest
  generator: Generator
  lease: Lease
  /** Has entered the stream. */
  book: ChannelBook
  ledger: Ledger
  stater: Stater
  clock: Clock
  logger: Logger
  observe: ObserveStream
  pace: StreamPace
}

/**
 * One stream under way. Two loops meet at an outbox: the engine's, which pays for each piece before it takes the next,
 * and the client's, which writes each chunk to the ledger before it sends it. Whatever happens, it ends with one receipt
 * for what was given.
 */
export class StreamRun {
  readonly streamId: JobId
  readonly audience: Audience
  readonly payment: Payment
  readonly done: Promise<void>
  readonly #options: StreamRunOptions
  readonly #stream: Stream
  readonly #outbox = new Outbox()
  readonly #production: Production
  readonly #stop = new AbortController()
  /** Fires when it is known how the stream ends: nothing is held back from then on. */
  readonly #hurry = new AbortController()
  #progress: Omit<StreamRow, 'stream' | 'end'>
  #outcome: Outcome | undefined
  #ask: Ask | undefined
  #wake: (() => void) | undefined
  #chunkAtMs = 0
  #checkpoint: { chunks: number; tokens: number; atMs: number }

  constructor(options: StreamRunOptions) {
    const { book, clock, ledger, pace, request, row, stater } = options
    const { end: _end, stream, ...progress } = row
    this.#options = options
    this.#stream = stream
    this.#progress = progress
    this.streamId = row.streamId
    this.#checkpoint = { chunks: 0, tokens: 0, atMs: clock.nowMs() }
    this.audience = new Audience({
      streamId: row.streamId,
      providerId: stater.providerId,
      stored: (from, count) => ledger.chunks(row.streamId, from, count),
      given: () => this.#progress.chunks,
      nowMs: () => clock.nowMs(),
      onLive: () => {
        // one that comes back may not have heard the question
        this.#ask = this.payment.open
        this.#wake?.()
      },
    })
    this.payment = new Payment({
      book,
      stream,
      streamId: row.streamId,
      stepTokens: pace.checkpointTokens,
      maxTokens: 'maxTokens' in request ? request.maxTokens : 0,
      waitMs: pace.payMs,
      nowMs: () => clock.nowMs(),
      ask: (ask) => {
        this.#ask = ask
        this.#wake?.()
      },
    })
    this.#production = new Production({
      ...options,
      stream,
      payment: this.payment,
      outbox: this.#outbox,
      signal: this.#stop.signal,
      onPiece: () => this.#wake?.(),
    })
    this.done = this.#run()
  }

  /** Chunks given so far. */
  get chunks(): number {
    return this.#progress.chunks
  }

  /** Price of what was given so far, DUCK wei. */
  get amountWei(): bigint {
    return this.#progress.amountWei
  }

  /** Ends the stream where it is. The first reason stands. */
  cut(outcome: Outcome = { finishReason: 'cut' }): void {
    this.#endsBy(outcome)
    this.#stop.abort(new Error('The stream ends.'))
  }

  /** Looks at the clock: every wait of a stream has an end. */
  tick(): void {
    const { clock, pace } = this.#options
    const nowMs = clock.nowMs()
    const { goneMs } = this.audience
    if (goneMs !== undefined && nowMs - goneMs > pace.resumeMs) this.cut()
    if (this.payment.untilMs !== undefined && nowMs > this.payment.untilMs) this.payment.expire()
    const { silentSinceMs } = this.#production
    if (silentSinceMs !== undefined && nowMs - silentSinceMs > pace.engineMs) {
      this.cut({ finishReason: 'error', error: this.#silence() })
    }
  }

  /** Why the engine gives nothing: it hangs, or others have had all its slots for so long. */
  #silence(): DuckMeshError {
    const { generator, pace } = this.#options
    if (this.#production.hasBegun || generator.busy <= generator.slots) {
      return new DuckMeshError('EXECUTOR_TIMEOUT', 'The engine gave nothing for too long.')
    }
    const details = { busy: generator.busy, retryAfterMs: Math.ceil(pace.engineMs / 10) }
    return new DuckMeshError('EXECUTOR_BUSY', 'No slot of the engine came free in time.', details)
  }

  /** The first reason stands. */
  #endsBy(outcome: Outcome): void {
    this.#outcome ??= outcome
    this.#hurry.abort()
    this.#wake?.()
  }

  async #run(): Promise<void> {
    const { lease, logger } = this.#options
    const produced = this.#production
      .run()
      .catch((thrown: unknown): Outcome => ({ finishReason: 'error', error: DuckMeshError.from(thrown) }))
      .then((outcome) => {
        lease.release()
        this.#endsBy(outcome)
      })
    try {
      await this.#give()
    } catch (thrown) {
      this.cut({ finishReason: 'error', error: DuckMeshError.from(thrown) })
    }
    await produced
    await this.#finish().catch((error: unknown) => {
      // nothing was said: the next start of the node ends the stream from the ledger
      logger.error({ err: error, streamId: this.streamId }, 'the end of a stream was not kept')
      this.audience.close()
    })
  }

  /** Gives what the engine made to the client, chunk by chunk, until the engine is done and all is given. */
  async #give(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      if (this.#outbox.isEmpty) {
        if (this.#outcome) return
        if (!this.#ask) {
          await this.#something()
          continue
        }
      }
      if (!this.#ask) await this.#paced()
      const reader = await this.audience.reader(signal)
      if (!reader) return
      const parcel = this.#outbox.take()
      if (parcel) await this.#giveChunk(parcel, reader)
      else if (this.#ask) await this.#sendAsk(this.#ask, reader)
    }
  }

  async #something(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wake = resolve
    await promise
    this.#wake = undefined
  }

  /** The first chunk leaves at once, and so does the rest of the answer; what a fast engine makes in between gathers. */
  async #paced(): Promise<void> {
    const { clock, generator, pace } = this.#options
    const running = Math.min(generator.busy, generator.slots)
    const waitMs = this.#chunkAtMs + gatherMs(pace, running) - clock.nowMs()
    if (waitMs > 0 && !this.#outcome) await clock.sleep(waitMs, this.#hurry.signal)
  }

  async #giveChunk({ piece, tokens }: Parcel, reader: Reader): Promise<void> {
    const { clock, ledger } = this.#options
    const { chunks, head, completionTokens } = this.#progress
    const chunk: Chunk = { index: chunks, ...piece }
    const usage = { promptTokens: this.#production.promptTokens, completionTokens: completionTokens + tokens }
    const progress = {
      ...this.#progress,
      ...usage,
      chunks: chunks + 1,
      head: nextHead(head, chunk),
      amountWei: streamAmountWei(this.#stream, usage, chunks + 1),
    }
    ledger.give(this.streamId, chunk, progress)
    this.#progress = progress
    await this.#observe('chunk-stored')
    this.#chunkAtMs = clock.nowMs()
    await this.#send(reader, 'chunk', chunk)
    await this.#observe('chunk-given')
    if (this.#isCheckpointDue()) await this.#sendCheckpoint(reader)
  }

  #isCheckpointDue(): boolean {
    const { clock, pace } = this.#options
    if (this.#outcome && this.#outbox.isEmpty) return false // the receipt says the same in a moment
    const { tokens, atMs } = this.#checkpoint
    return (
      this.#progress.completionTokens - tokens >= pace.checkpointTokens ||
      clock.nowMs() - atMs >= pace.checkpointMs
    )
  }

  async #sendCheckpoint(reader: Reader): Promise<void> {
    const { clock, stater } = this.#options
    const { chunks, completionTokens: tokens } = this.#progress
    this.#checkpoint = { chunks, tokens, atMs: clock.nowMs() }
    const signed = await signCheckpoint(stater, this.#progress, nowSeconds(clock))
    await this.#observe('checkpoint-signed')
    await this.#send(reader, 'checkpoint', signed)
  }

  async #sendAsk(ask: Ask, reader: Reader): Promise<void> {
    if (this.#checkpoint.chunks < this.#progress.chunks) await this.#sendCheckpoint(reader)
    await this.#observe('pay-asked')
    await this.#send(reader, 'pay', ask)
    if (this.#ask === ask) this.#ask = undefined
  }

  async #finish(): Promise<void> {
    const { book, clock, ledger, logger, stater } = this.#options
    const { finishReason, error } = this.#ended()
    const { chunks, amountWei } = this.#progress
    const receipt = await signReceipt(stater, this.#progress, finishReason, nowSeconds(clock))
    await this.#observe('receipt-signed')
    // from here to `leave` nothing else runs: streams that end together do not count one another twice
    const end: StreamEnd = {
      finishReason,
      chunks,
      receipt,
      owedWei: book.endedWei + amountWei,
      ...(error && { error: error.toWire() }),
    }
    ledger.end(this.streamId, end, clock.nowMs())
    book.leave(this.streamId, amountWei)
    await ledger.flushed()
    await this.#observe('stream-ended')
    if (error) logger.warn({ err: error, streamId: this.streamId, finishReason }, 'stream ended early')
    await this.audience.finish(end)
    await this.#observe('end-given')
  }

  /** How it ended, seen from the client: what the engine finished and nobody took is cut. */
  #ended(): Outcome {
    const outcome = this.#outcome ?? { finishReason: 'cut' }
    return outcome.error || this.#outbox.isEmpty ? outcome : { finishReason: 'cut' }
  }

  /** A client that takes nothing holds up its stream, but not the end of it. */
  async #send(reader: Reader, name: StreamEventName, data: unknown): Promise<void> {
    await orAbort(reader.send(name, data), this.#stop.signal)
  }

  #observe(stage: StreamStage): void | Promise<void> {
    return this.#options.observe(stage, { id: this.streamId })
  }
}
