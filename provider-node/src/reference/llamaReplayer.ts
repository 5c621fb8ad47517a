import {
  DuckMeshError,
  type ExecutionProfile,
  joinChunks,
  type ReplayBody,
  type ReplayFacts,
  type TokenFacts,
} from '@duckmesh/protocol'
import type { LlamaContext, LlamaContextSequence, LlamaModel, Token } from 'node-llama-cpp'
import { type LlamaPrompt, type LlamaPrompter, llamaPrompter } from '../executors/llamaPrompt.ts'
import { RunQueue } from '../executors/runQueue.ts'
import { drawDistance, drawDistances, LARGEST_NATS } from './drawDistance.ts'
import { logitsPass, type Passage, type PlaceLogits, samplerPass } from './llamaPasses.ts'
import { nearestStop, restsOf } from './nearestStop.ts'
import { readAnswer } from './readAnswer.ts'
import type { Replayer } from './replayer.ts'
import { uniformDraws } from './uniformDraws.ts'

/** Places of one answer whose whole vocabulary is fetched; sampled answers differ by rounding in a few. */
const MOST_DETAILED = 96

export type LlamaReplayerOptions = {
  profile: ExecutionProfile
  /** Replays that may wait while one runs. @default 4 */
  maxWaiting?: number | undefined
  /** Uniform in [0, 1): which places of a long answer are looked at. @default Math.random */
  random?: (() => number) | undefined
  /** Longest time for one replay, from its start, milliseconds. @default 60,000 */
  timeoutMs?: number | undefined
  /** Resolves when paid work leaves room; a replay begins only then. @default at once */
  whenFree?: ((signal: AbortSignal) => Promise<void>) | undefined
}

/**
 * Replays answers on a llama.cpp model that is loaded already, one at a time, with a queue of its own.
 * @param context with one free sequence, made as that of the generator: same context size, flash attention off
 */
export function createLlamaReplayer(
  model: LlamaModel,
  context: LlamaContext,
  options: LlamaReplayerOptions,
): Replayer {
  return new LlamaReplayer(model, context.getSequence(), options)
}

class LlamaReplayer implements Replayer {
  readonly profile: ExecutionProfile
  readonly #model: LlamaModel
  readonly #sequence: LlamaContextSequence
  readonly #prompt: LlamaPrompter
  readonly #queue: RunQueue
  readonly #options: LlamaReplayerOptions
  readonly #closing = new AbortController()

  constructor(model: LlamaModel, sequence: LlamaContextSequence, options: LlamaReplayerOptions) {
    this.profile = options.profile
    this.#model = model
    this.#sequence = sequence
    this.#prompt = llamaPrompter(model)
    this.#queue = new RunQueue({ slots: 1, maxWaiting: options.maxWaiting ?? 4 })
    this.#options = options
  }

  get busy(): number {
    return this.#queue.size
  }

  async replay(body: ReplayBody, cancel: AbortSignal): Promise<ReplayFacts> {
    this.#checkProfile(body.profile)
    const { timeoutMs = 60_000, whenFree } = this.#options
    const leaving = AbortSignal.any([this.#closing.signal, cancel])
    return this.#queue.run(async () => {
      const signal = AbortSignal.any([leaving, AbortSignal.timeout(timeoutMs)])
      try {
        await whenFree?.(signal)
        signal.throwIfAborted()
        return await this.#read(body, signal)
      } catch (cause) {
        if (leaving.aborted) throw new DuckMeshError('CANCELLED', 'The replay was cancelled.', {}, { cause })
        if (signal.aborted) {
          throw new DuckMeshError('EXECUTOR_TIMEOUT', 'The replay took too long.', { timeoutMs }, { cause })
        }
        if (cause instanceof DuckMeshError) throw cause
        const message = cause instanceof Error ? cause.message : String(cause)
        throw new DuckMeshError('EXECUTOR_FAILED', `The engine failed: ${message}`, {}, { cause })
      }
    }, leaving)
  }

  async close(): Promise<void> {
    if (!this.#closing.signal.aborted) this.#closing.abort(new Error('The replayer was closed.'))
    await this.#queue.idle()
  }

  /** Everything but the kernel class must be the same; what differs by that is for the thresholds. */
  #checkProfile(given: ExecutionProfile): void {
    const { kernelClass: _own, name: _name, contextTokens: _size, sampler, ...mine } = this.profile
    const differs = Object.entries(mine).find(([key, value]) => given[key as keyof typeof mine] !== value)
    const hasSampler = (['topK', 'topP', 'minP'] as const).every((key) => given.sampler[key] === sampler[key])
    if (!differs && hasSampler) return
    const field = differs?.[0] ?? 'sampler'
    throw new DuckMeshError('REPLAY_IMPOSSIBLE', 'This node runs another model or engine.', { field })
  }

  async #read(body: ReplayBody, signal: AbortSignal): Promise<ReplayFacts> {
    const { request, finishReason } = body
    const given = joinChunks(body.chunks).tokens as Token[]
    const prompt = this.#prompt(request)
    const contextTokens = this.profile.contextTokens
    const size = prompt.tokens.length + Math.max(given.length, request.maxTokens)
    if (size > contextTokens) {
      const details = { promptTokens: prompt.tokens.length, maxTokens: request.maxTokens, contextTokens }
      throw new DuckMeshError('PROMPT_TOO_LONG', 'The answer does not fit into the context.', details)
    }
    const vocabulary = this.#model.fileInfo.metadata.tokenizer.ggml.tokens.length
    const kernelClass = this.profile.kernelClass
    const facts = { kernelClass, vocabulary, promptTokens: prompt.tokens.length }
    const endAt = given.findIndex((token) => token < vocabulary && this.#model.isEogToken(token))
    const endToken = endAt < 0 ? null : endAt
    // The rest would be about tokens that the model cannot read.
    if (given.some((token) => token >= vocabulary)) {
      return { ...facts, tokens: [], text: '', endToken, endDistanceNats: null }
    }
    const hasEnd = finishReason === 'stop'
    const tokens = [...prompt.tokens, ...given]
    const passage = { tokens: hasEnd ? tokens : tokens.slice(0, -1), from: prompt.tokens.length }
    const judged =
      passage.tokens.length < passage.from ? [] : await this.#judge(passage, tokens, body, signal)
    const distance = hasEnd ? judged.pop()!.distanceNats : null
    const end = await this.#end(body, prompt, given, distance, signal)
    return { ...facts, tokens: judged, endToken, ...end }
  }

  /** The text of the answer and how far off its end is: a token that ends it, or a stop text, whichever is nearer. */
  async #end(
    { request, finishReason }: ReplayBody,
    prompt: LlamaPrompt,
    given: Token[],
    byToken: number | null,
    signal: AbortSignal,
  ): Promise<Pick<ReplayFacts, 'text' | 'endDistanceNats'>> {
    const stops = [...request.stop, ...prompt.stop]
    const read = (path?: Token[]) => readAnswer(this.#model, { prompt: prompt.tokens, given, path, stops })
    const { text, hasStopped } = read()
    if (hasStopped) return { text, endDistanceNats: null }
    const rests = restsOf(text, stops)
    if (finishReason !== 'stop' || byToken === 0 || rests.length === 0) {
      return { text, endDistanceNats: byToken }
    }
    const history = [...prompt.tokens, ...given]
    const before = request.continueFrom.length + given.length
    const distancesAt = (place: PlaceLogits, count: number) => {
      if (request.temperature === 0) return (token: Token) => gapOf(place, [token])
      const uniform = uniformDraws(request.seed, before + count + 1).at(-1)!
      return drawDistances({ logits: place.logits, ...request, uniform })
    }
    const stop = await nearestStop(this.#model, this.#sequence, { history, rests, distancesAt }, signal)
    if (!stop || (byToken !== null && byToken <= stop.distanceNats)) return { text, endDistanceNats: byToken }
    return { text: read(stop.path).text, endDistanceNats: stop.distanceNats }
  }

  /** What the model says of each token from `from` on, and after the last one of its own ends of an answer. */
  async #judge(
    passage: Passage,
    tokens: readonly Token[],
    { request }: ReplayBody,
    signal: AbortSignal,
  ): Promise<TokenFacts[]> {
    const ends = this.#ends()
    const candidates = (index: number) => (index + 1 < tokens.length ? [tokens[index + 1]!] : ends)
    const isSampled = request.temperature > 0
    const before = request.continueFrom.length
    const drawn = isSampled
      ? await samplerPass(this.#sequence, { ...passage, from: passage.from - before }, request, signal)
      : []
    const differing = passage.tokens
      .map((_, index) => index)
      .filter((index) => index >= passage.from - 1)
      .filter((index) => {
        const draw = drawn[index - (passage.from - before - 1)]
        return isSampled && !candidates(index).includes(draw as Token) && !this.#isEnd(index, tokens, draw)
      })
    // The end is one place and says much: it is always looked at.
    const isLast = (index: number) => index + 1 >= tokens.length
    const detailed = new Set([...this.#some(differing), ...differing.filter(isLast)])
    const leftOut = new Set(differing.filter((index) => !detailed.has(index)))
    const wanted = (index: number) => (detailed.has(index) ? 'all' : candidates(index))
    const draws = uniformDraws(request.seed, before + passage.tokens.length - passage.from + 1)
    const judge = (place: PlaceLogits, index: number): TokenFacts => {
      const ids = candidates(index)
      const logprob = Math.max(...ids.map((id) => logprobOf(place, id)))
      if (leftOut.has(index)) return { logprob, distanceNats: null }
      if (isSampled && !detailed.has(index)) return { logprob, distanceNats: 0 }
      if (!isSampled) {
        return { logprob, distanceNats: this.#isEnd(index, tokens, place.best) ? 0 : gapOf(place, ids) }
      }
      const uniform = draws[before + index - passage.from + 1]!
      const draw = { logits: place.logits, ...request, uniform }
      return { logprob, distanceNats: Math.min(LARGEST_NATS, ...ids.map((id) => drawDistance(id, draw))) }
    }
    return logitsPass(this.#sequence, passage, wanted, judge, signal)
  }

  /** Some of many places, so that nobody can know which. Source: Vitter, "Random sampling with a reservoir" (1985), R. */
  #some(places: readonly number[]): number[] {
    const { random = Math.random } = this.#options
    const left = [...places]
    const taken = left.splice(0, MOST_DETAILED)
    for (const [at, place] of left.entries()) {
      const slot = Math.floor(random() * (MOST_DETAILED + at + 1))
      if (slot < MOST_DETAILED) taken[slot] = place
    }
    return taken
  }

  /** Tokens by which this model ends an answer. */
  #ends(): Token[] {
    const { eos, eot } = this.#model.tokens
    return [eos, eot].filter((token) => token !== null)
  }

  /** Whether the draw after the last token is an end, of whatever name. */
  #isEnd(index: number, tokens: readonly Token[], draw: Token | null | undefined): boolean {
    return index + 1 >= tokens.length && draw != null && this.#model.isEogToken(draw)
  }
}

const logprobOf = ({ best, logits, weight }: PlaceLogits, id: Token): number =>
  (logits.get(id) ?? -Infinity) - logits.get(best)! - Math.log(weight)

/** How far the best of some tokens is from the likeliest one. */
const gapOf = ({ best, logits }: PlaceLogits, ids: readonly Token[]): number =>
  ids.reduce((least, id) => Math.min(least, logits.get(best)! - (logits.get(id) ?? -Infinity)), LARGEST_NATS)
