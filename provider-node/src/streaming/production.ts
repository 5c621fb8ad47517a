import {
  DuckMeshError,
  promptTokensBound,
  type Stream,
  type StreamFinishReason,
  type StreamRequest,
} from '@duckmesh/protocol'
import type { Logger } from 'pino'
import type { Generator } from '../executors/generator.ts'
import type { Clock } from '../ports/clock.ts'
import type { ChannelBook } from './book.ts'
import { orAbort } from './orAbort.ts'
import type { Outbox } from './outbox.ts'
import type { Payment } from './payment.ts'
import { answerTokens } from './tokens.ts'

/** How a stream ended, and why when it did not end by itself. */
export type Outcome = { finishReason: StreamFinishReason; error?: DuckMeshError }

export type ProductionOptions = {
  stream: Stream
  request: StreamRequest
  generator: Generator
  book: ChannelBook
  payment: Payment
  outbox: Outbox
  clock: Clock
  logger: Logger
  /** Ends it. */
  signal: AbortSignal
  /** Something is in the outbox. */
  onPiece: () => void
}

/** The engine's side of a stream: takes pieces from it, each when it is paid for, and puts them into the outbox. */
export class Production {
  readonly #options: ProductionOptions
  #promptTokens = 0
  #silentSinceMs: number | undefined
  #hasBegun = false

  constructor(options: ProductionOptions) {
    this.#options = options
  }

  /** Tokens of the prompt, as soon as the engine has said so. */
  get promptTokens(): number {
    return this.#promptTokens
  }

  /** Since when the engine is waited for, ms; undefined while it waits itself. */
  get silentSinceMs(): number | undefined {
    return this.#silentSinceMs
  }

  /** Whether the engine has given anything; until then the stream may be waiting for a slot. */
  get hasBegun(): boolean {
    return this.#hasBegun
  }

  /** @throws DuckMeshError of the engine; the reason of the signal */
  async run(): Promise<Outcome> {
    const { generator, logger, onPiece, outbox, payment, request, signal, stream } = this.#options
    const mostTokens = 'maxTokens' in request ? request.maxTokens : 0
    const steps = generator.generate(request, signal)
    let completionTokens = 0
    try {
      for (;;) {
        const step = await this.#next(steps.next())
        this.#hasBegun = true
        if (step.done) return { finishReason: step.value.finishReason }
        if (step.value.type === 'prompt') {
          this.#promptTokens = this.#checkPrompt(step.value.promptTokens)
          // some engines say it last, when the answer is there already
          const leastTokens = Math.max(completionTokens, Math.min(1, mostTokens))
          const least = { promptTokens: this.#promptTokens, completionTokens: leastTokens }
          if (!(await payment.cover(least, signal))) return this.#unpaid()
          continue
        }
        const { piece } = step.value
        const tokens = Math.min(answerTokens(request.api, piece), mostTokens - completionTokens)
        completionTokens += tokens
        const usage = { promptTokens: this.#promptTokens, completionTokens }
        if (!(await payment.cover(usage, signal))) return this.#unpaid()
        const room = outbox.put({ piece, tokens }, signal)
        onPiece()
        await room
      }
    } finally {
      void steps.return({ finishReason: 'stop' }).catch((error: unknown) => {
        logger.debug({ err: error, nonce: `${stream.nonce}` }, 'the engine failed while it was stopped')
      })
    }
  }

  async #next<Step>(step: Promise<Step>): Promise<Step> {
    this.#silentSinceMs = this.#options.clock.nowMs()
    try {
      return await orAbort(step, this.#options.signal)
    } finally {
      this.#silentSinceMs = undefined
    }
  }

  #checkPrompt(promptTokens: number): number {
    const bound = promptTokensBound(this.#options.request)
    if (promptTokens <= bound) return promptTokens
    const details = { promptTokens, bound }
    throw new DuckMeshError(
      'EXECUTOR_FAILED',
      'The engine counts more prompt tokens than there can be.',
      details,
    )
  }

  #unpaid(): Outcome {
    const { book, payment } = this.#options
    const { fundedWei, closableAfter } = book.sight
    const neededWei = payment.open?.needWei ?? book.committedWei
    const details = {
      channelId: book.channelId,
      neededWei: `${neededWei}`,
      owedWei: `${book.committedWei}`,
      fundedWei: `${fundedWei}`,
    }
    const isClosing = closableAfter !== 0 && book.limitWei === 0n
    const isShort = fundedWei < neededWei
    const code = isClosing ? 'CHANNEL_CLOSING' : isShort ? 'CHANNEL_EXHAUSTED' : 'VOUCHER_TOO_LOW'
    return {
      finishReason: 'unpaid',
      error: new DuckMeshError(code, 'Nothing more was paid in time.', details),
    }
  }
}
