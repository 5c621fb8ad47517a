import { DuckMeshError, type StreamRequest } from '@duckmesh/protocol'
import type { LlamaContext, LlamaModel, Token } from 'node-llama-cpp'
import { type AnswerPart, AnswerText } from './answerText.ts'
import { GenerationQueue, type Put } from './generationQueue.ts'
import type { GenerationEnd, GenerationStep, Generator, Piece } from './generator.ts'
import { type LlamaPrompt, type LlamaPrompter, llamaPrompter, type TextRequest } from './llamaPrompt.ts'
import { LlamaRounds } from './llamaRounds.ts'
import { LlamaSampler, type ScoredToken } from './llamaSampler.ts'
import { type LlamaSlot, LlamaSlots } from './llamaSlots.ts'

/** Prompt tokens per engine call; also how long an abort may have to wait. */
const BATCH_TOKENS = 256

type Item = ScoredToken & { topTexts: string[] }

export type LlamaGeneratorOptions = {
  /** Most tokens that prompt and answer may have together. */
  contextTokens: number
  /** Requests that may wait for a slot. */
  maxWaiting: number
}

/** A generator that is closed with its engine. */
export type LlamaGenerator = Generator & {
  /** Ends all runs with `CANCELLED` and frees the context. May be called more than once. */
  close(): Promise<void>
}

/**
 * Chats and completions on a llama.cpp context, one request in each of its sequences. What several requests compute
 * at the same time goes into one batch, and none of them gets other tokens than it would alone.
 * @param context with as many sequences as requests are to run at once, none in use
 */
export function createLlamaGenerator(
  model: LlamaModel,
  context: LlamaContext,
  options: LlamaGeneratorOptions,
): LlamaGenerator {
  const generation = new LlamaGeneration(model, context, options)
  return {
    apis: ['chat', 'completion'],
    givesLogprobs: true,
    slots: context.totalSequences,
    get busy() {
      return generation.busy
    },
    generate: (request, signal) => generation.generate(request, signal),
    close: () => generation.close(),
  }
}

class LlamaGeneration {
  readonly #model: LlamaModel
  readonly #context: LlamaContext
  readonly #contextTokens: number
  readonly #prompt: LlamaPrompter
  readonly #slots: LlamaSlots
  readonly #queue: GenerationQueue
  readonly #rounds = new LlamaRounds()

  constructor(
    model: LlamaModel,
    context: LlamaContext,
    { contextTokens, maxWaiting }: LlamaGeneratorOptions,
  ) {
    this.#model = model
    this.#context = context
    this.#contextTokens = contextTokens
    this.#prompt = llamaPrompter(model)
    this.#slots = new LlamaSlots(context)
    this.#queue = new GenerationQueue({ slots: context.totalSequences, maxWaiting })
  }

  get busy(): number {
    return this.#queue.busy
  }

  async close(): Promise<void> {
    await this.#queue.close()
    await this.#context.dispose()
  }

  async *generate(
    request: StreamRequest,
    cancel: AbortSignal,
  ): AsyncGenerator<GenerationStep, GenerationEnd, void> {
    if (request.api !== 'chat' && request.api !== 'completion') {
      throw new DuckMeshError('BAD_REQUEST', 'This engine goes on with text.', { api: request.api })
    }
    return yield* this.#queue.run((put, signal) => this.#run(request, put, signal), cancel)
  }

  #checkSize({ tokens }: LlamaPrompt, { maxTokens }: TextRequest): void {
    const contextTokens = this.#contextTokens
    if (tokens.length + maxTokens <= contextTokens) return
    const message = `${tokens.length} prompt tokens and ${maxTokens} for the answer exceed the context.`
    const details = { promptTokens: tokens.length, maxTokens, contextTokens }
    throw new DuckMeshError('PROMPT_TOO_LONG', message, details)
  }

  /** Runs a request in the slot that fits it best. */
  async #run(request: TextRequest, put: Put, signal: AbortSignal): Promise<GenerationEnd['finishReason']> {
    const prompt = this.#prompt(request)
    this.#checkSize(prompt, request)
    await put({ type: 'prompt', promptTokens: prompt.tokens.length })
    const slot = this.#slots.take(prompt.tokens)
    let sampler: LlamaSampler | undefined
    let hasFailed = false
    try {
      sampler = new LlamaSampler(this.#model, slot.sequence, request, this.#rounds)
      const last = await this.#prefill(slot, prompt, sampler, signal)
      return await this.#answer(request, prompt, last, sampler, put, signal)
    } catch (cause) {
      hasFailed = !signal.aborted
      if (cause instanceof DuckMeshError) throw cause
      const message = cause instanceof Error ? cause.message : String(cause)
      throw new DuckMeshError('EXECUTOR_FAILED', `The engine failed: ${message}`, {}, { cause })
    } finally {
      sampler?.dispose()
      await this.#slots.give(slot, hasFailed)
    }
  }

  /** Reads the prompt but its last tokens, which it returns, with a chance to abort after each batch. */
  async #prefill(
    slot: LlamaSlot,
    { tokens, given }: LlamaPrompt,
    sampler: LlamaSampler,
    signal: AbortSignal,
  ): Promise<Token[]> {
    // The draw after the last token of the prompt proper, and after each given token but the last, was made before.
    const firstDraw = tokens.length - given - 1
    const mustReplay = sampler.isSeeded && given > 0
    const limit = mustReplay ? firstDraw : tokens.length - 1
    let done = await this.#slots.keepShared(slot, tokens, limit)
    const rest = mustReplay ? 1 : BATCH_TOKENS
    while (tokens.length - done > rest) {
      const batch = tokens.slice(done, Math.min(done + BATCH_TOKENS, tokens.length - (mustReplay ? 1 : 0)))
      done += batch.length
      if (mustReplay) await sampler.replay(batch, Math.min(batch.length, done - firstDraw))
      else await sampler.read(batch)
      signal.throwIfAborted()
    }
    return tokens.slice(done)
  }

  async #answer(
    { maxTokens, stop, topLogprobs }: TextRequest,
    prompt: LlamaPrompt,
    last: Token[],
    sampler: LlamaSampler,
    put: Put,
    signal: AbortSignal,
  ): Promise<GenerationEnd['finishReason']> {
    const history = [...prompt.tokens]
    const text = new AnswerText<Item>(
      (items) => {
        const tokens = items.map(({ token }) => token)
        return this.#model.detokenize(
          tokens,
          false,
          history.slice(0, history.length - items.length).slice(-3),
        )
      },
      [...stop, ...prompt.stop],
    )
    let read = last
    for (let count = 0; count < maxTokens; count += 1) {
      const scored = await sampler.next(read)
      signal.throwIfAborted()
      if (this.#model.isEogToken(scored.token)) return give(text.end(), 'stop')
      const topTexts =
        topLogprobs > 0
          ? scored.top.map(({ token }) => this.#model.detokenize([token], false, history.slice(-3)))
          : []
      history.push(scored.token)
      for (const part of text.push({ ...scored, topTexts })) {
        await put(toStep(part, topLogprobs > 0))
        signal.throwIfAborted()
      }
      if (text.hasStopped) return 'stop'
      read = [scored.token]
    }
    const left = text.end()
    return give(left, text.hasStopped ? 'stop' : 'length')

    function give(left: AnswerPart<Item>[], reason: GenerationEnd['finishReason']) {
      for (const part of left) void put(toStep(part, topLogprobs > 0))
      return reason
    }
  }
}

function toStep({ items, text }: AnswerPart<Item>, withTop: boolean): GenerationStep {
  const piece: Piece = {
    text,
    tokens: items.map(({ token }) => token),
    logprobs: items.map(({ logprob }) => logprob),
    ...(withTop && {
      topLogprobs: items.map(({ top, topTexts }) =>
        top.map(({ token, logprob }, index) => ({ token, text: topTexts[index]!, logprob })),
      ),
    }),
  }
  return { type: 'piece', piece }
}
