import { DuckMeshError } from '@duckmesh/protocol'
import type { LlamaContextSequence, LlamaModel, Token } from 'node-llama-cpp'
import type { LlamaRounds } from './llamaRounds.ts'
import { samplerRules } from './profile.ts'

/** A token with its log-probability under the model, nats, four decimals, and the likeliest tokens in its place. */
export type ScoredToken = { token: Token; logprob: number; top: { token: Token; logprob: number }[] }

/** How one answer is drawn; a seed gives the same answer again. */
export type Sampling = { temperature: number; topP: number; seed: number; topLogprobs: number }

/** Below every real value; OpenAI writes the same for a token that cannot come. */
const LEAST_LOGPROB = -9_999

type NativeSampler = { applyConfig(config: object): void; dispose(): void }
/** `[token, probabilities, confidence, logits as id, value, id, value, …, sum of exp(logit − largest)]` */
type Scores = [token: number, never, never, logits: number[], weight: number]
/** The share that the drawn token had of all, as the sampler saw them. */
type Confident = [token: number, probabilities: never, confidence: number]
type LogitFilter = [tokens: readonly number[], max: boolean, min: boolean, selected: boolean, top: number]
type NativeContext = {
  sampleToken(logitsAt: number, sampler: NativeSampler): Promise<number>
  sampleToken(
    logitsAt: number,
    sampler: NativeSampler,
    probabilities: false,
    confidence: true,
  ): Promise<Confident>
  sampleToken(
    logitsAt: number,
    sampler: NativeSampler,
    probabilities: boolean,
    confidence: boolean,
    logits: LogitFilter,
    weight: boolean,
  ): Promise<Scores>
}
/** What node-llama-cpp 3.22.1 keeps to itself of a sequence. */
type Inside = {
  _context: { _ctx: NativeContext }
  _tokenMeter: unknown
  _resolveSamplerConfig(options: object): object
  _decodeTokens<Result>(
    tokens: readonly Token[],
    wanted: (true | undefined)[],
    priority: number,
    tokenMeter: unknown,
    contextShift: object,
    map: (logitsAt: number) => Promise<Result>,
  ): Promise<Result[]>
}

/**
 * Draws tokens and scores them in one pass. The public API of node-llama-cpp gives either tokens of one seeded
 * sampler or log-probabilities, and those after temperature and top-p; here a second, greedy sampler reads the same
 * logits as the model left them. Where the drawing sampler sees them so too (temperature and top-p of 1) and no
 * alternatives are asked for, it tells the share of what it drew by itself, in one call for two. That takes parts that
 * are not public (decision 0033), which is why the version is pinned and this is the only file that knows them.
 *
 * One sampler lives as long as the answer: the n-th draw of the seed is for the n-th token of the answer.
 */
export class LlamaSampler {
  readonly #inside: Inside
  readonly #greedy: NativeSampler
  readonly #seeded: NativeSampler | undefined
  readonly #topLogprobs: number
  /** Whether what the drawing sampler sees is what the model left, and nothing else is asked for. */
  readonly #drawsPlain: boolean
  readonly #rounds: LlamaRounds

  /**
   * @param rounds of the context that the sequence belongs to
   * @throws DuckMeshError `EXECUTOR_FAILED` when the installed node-llama-cpp has other insides
   */
  constructor(model: LlamaModel, sequence: LlamaContextSequence, sampling: Sampling, rounds: LlamaRounds) {
    this.#inside = sequence as unknown as Inside
    const { _llama, _model } = model as unknown as {
      _llama?: { _bindings?: { AddonSampler?: new (model: unknown) => NativeSampler } }
      _model: unknown
    }
    const Native = _llama?._bindings?.AddonSampler
    if (!Native || !this.#inside._decodeTokens || !this.#inside._resolveSamplerConfig) {
      throw new DuckMeshError('EXECUTOR_FAILED', 'This version of node-llama-cpp is not the pinned one.')
    }
    const make = (options: object): NativeSampler => {
      const sampler = new Native(_model)
      sampler.applyConfig(this.#inside._resolveSamplerConfig({ ...samplerRules, ...options }))
      return sampler
    }
    const { temperature, topP, seed, topLogprobs } = sampling
    this.#greedy = make({ temperature: 0, seed: 0 })
    this.#seeded = temperature > 0 ? make({ temperature, topP, seed }) : undefined
    this.#topLogprobs = topLogprobs
    this.#drawsPlain = topLogprobs === 0 && temperature === 1 && topP === 1
    this.#rounds = rounds
    rounds.enter()
  }

  /** Whether draws depend on how many there were before. */
  get isSeeded(): boolean {
    return this.#seeded !== undefined
  }

  /** Puts tokens into the sequence. */
  async read(tokens: readonly Token[]): Promise<void> {
    await this.#decode(tokens, [], async () => undefined)
  }

  /**
   * Puts tokens into the sequence and makes the draw after each of the last `count`, without using it: what the seed
   * has given before.
   */
  async replay(tokens: readonly Token[], count: number): Promise<void> {
    const seeded = this.#seeded
    if (!seeded) return this.read(tokens)
    const wanted = tokens.map((_, index) => (index >= tokens.length - count ? true : undefined))
    await this.#decode(tokens, wanted, async (at) => {
      await this.#inside._context._ctx.sampleToken(at, seeded)
    })
  }

  /** Puts tokens into the sequence and draws the one after them. */
  async next(tokens: readonly Token[]): Promise<ScoredToken> {
    const wanted: (true | undefined)[] = []
    wanted[tokens.length - 1] = true
    const results = await this.#decode(tokens, wanted, (at) => this.#rounds.together(this.#draw(at)))
    await this.#rounds.align()
    return results[tokens.length - 1]!
  }

  /** Frees the native samplers; nothing may run. */
  dispose(): void {
    this.#rounds.leave()
    this.#greedy.dispose()
    this.#seeded?.dispose()
  }

  #decode<Result>(
    tokens: readonly Token[],
    wanted: (true | undefined)[],
    map: (logitsAt: number) => Promise<Result>,
  ): Promise<Result[]> {
    const { _tokenMeter } = this.#inside
    // Requests that do not fit are refused before: nothing is ever shifted.
    const never = { size: 1, strategy: 'eraseBeginning' }
    return this.#inside._decodeTokens(tokens, wanted, 5, _tokenMeter, never, map)
  }

  async #draw(at: number): Promise<ScoredToken> {
    const context = this.#inside._context._ctx
    if (this.#seeded && this.#drawsPlain) {
      const [token, , share] = await context.sampleToken(at, this.#seeded, false, true)
      if (token < 0) throw noToken()
      return { token: token as Token, logprob: rounded(Math.log(share)), top: [] }
    }
    const drawn = this.#seeded && (await context.sampleToken(at, this.#seeded))
    const given = drawn === undefined ? [] : [drawn]
    // `max` never adds the likeliest token (node-llama-cpp 3.22.1); what the greedy sampler selects is just that one.
    const filter: LogitFilter = [given, false, false, true, this.#topLogprobs]
    const [best, , , flat, weight] = await context.sampleToken(at, this.#greedy, false, false, filter, true)
    const token = drawn ?? best
    if (token < 0) throw noToken()
    const logits = new Map<number, number>()
    for (let index = 0; index < flat.length; index += 2) logits.set(flat[index]!, flat[index + 1]!)
    const normaliser = logits.get(best)! + Math.log(weight)
    const logprob = (id: number) => rounded(logits.get(id)! - normaliser)
    const ranked = [...logits.keys()].toSorted((a, b) => logits.get(b)! - logits.get(a)!)
    return {
      token: token as Token,
      logprob: logprob(token),
      top: ranked.slice(0, this.#topLogprobs).map((id) => ({ token: id as Token, logprob: logprob(id) })),
    }
  }
}

const noToken = (): DuckMeshError => new DuckMeshError('EXECUTOR_FAILED', 'The engine gave no token.')

/** Four decimals, at most 0 and never −0, so that canonical JSON is the same everywhere. */
function rounded(logprob: number): number {
  return Math.max(LEAST_LOGPROB, Math.min(0, Math.round(logprob * 10_000) / 10_000)) + 0
}
