import { availableParallelism } from 'node:os'
import { DuckMeshError, type ExecutionProfile, type InferenceRequest } from '@duckmesh/protocol'
import type { LlamaContext, LlamaContextSequence, LlamaModel, Token } from 'node-llama-cpp'
import { checkGgufHeader } from '../models/checkGgufHeader.ts'
import type { ResolvedModel } from '../models/modelRegistry.ts'
import { createLlamaReplayer } from '../reference/llamaReplayer.ts'
import type { Replayer } from '../reference/replayer.ts'
import { whenIdle } from '../reference/whenIdle.ts'
import type { Executor, ExecutorRun, RunOptions } from './executor.ts'
import { kernelClass } from './kernelClass.ts'
import { createLlamaGenerator, type LlamaGenerator } from './llamaGenerator.ts'
import { type LlamaModelFacts, llamaModelFacts } from './llamaModelFacts.ts'
import { llamaRuntime } from './llamaRuntime.ts'
import { llamaProfile, samplerRules } from './profile.ts'
import { RunQueue } from './runQueue.ts'

/** Below this, llama.cpp's spin barrier costs more than a second thread gives (measured 10–40 times slower). */
const SINGLE_THREAD_PARAMETERS = 100_000_000
/** Above this, two answers at once need more memory and time than a CPU has to spare. */
const SINGLE_SLOT_PARAMETERS = 2_000_000_000
/** Prompt tokens per engine call; also how long an abort may have to wait. */
const BATCH_TOKENS = 256
/** llama.cpp takes this seed as "choose one at random". */
const RANDOM_SEED = 0xffff_ffff

export type LlamaExecutorOptions = {
  model: ResolvedModel
  /** Tokens of prompt plus answer. @default what the model was trained on, at most 4096 */
  contextTokens?: number | undefined
  /** Requests that may wait, on each lane. @default 16 */
  maxWaiting?: number | undefined
  /** Streams that run at once. @default 4 below 100 M parameters, 2 below 2,000 M, else 1 */
  slots?: number | undefined
  /** Longest time for one replay of an answer, milliseconds. @default 60,000 */
  replayTimeoutMs?: number | undefined
  /** CPU threads. @default 1 below 100 M parameters, else all cores but one */
  threads?: number | undefined
}

/**
 * Loads a GGUF model into this process (llama.cpp, CPU only). `run` takes one request at a time, in an engine context
 * of its own; `generator` serves the streaming lane in another, several requests at once.
 *
 * Deterministic: the same request gives the same tokens on every executor with an equal profile, in this process
 * or another, whatever ran before. For that, the state is cleared before each run, flash attention is off, and
 * all sampler settings are pinned.
 *
 * @throws DuckMeshError `MODEL_CORRUPT` when the file is no GGUF, `EXECUTOR_FAILED` when it cannot be loaded,
 * `BAD_CONFIG` when `contextTokens` is more than the model was trained for
 */
export async function createLlamaExecutor(options: LlamaExecutorOptions): Promise<Executor> {
  await checkGgufHeader(options.model.path)
  const llama = await llamaRuntime()
  let model: LlamaModel | undefined
  try {
    model = await llama.loadModel({ modelPath: options.model.path, gpuLayers: 0 })
    const facts = llamaModelFacts(model)
    const contextTokens = options.contextTokens ?? Math.min(model.trainContextSize, 4_096)
    if (contextTokens > model.trainContextSize) throw contextTooLarge(contextTokens, model.trainContextSize)
    const cores = Math.max(1, availableParallelism() - 1)
    const settings = {
      contextSize: contextTokens,
      batchSize: BATCH_TOKENS,
      flashAttention: false,
      threads: options.threads ?? (facts.parameters < SINGLE_THREAD_PARAMETERS ? 1 : cores),
    }
    const context = await model.createContext(settings)
    const sequences = options.slots ?? defaultSlots(facts)
    const streamContext = await model.createContext({ ...settings, sequences })
    const { maxWaiting = 16 } = options
    const generator = createLlamaGenerator(model, streamContext, { contextTokens, maxWaiting })
    const profile = llamaProfile({
      sha256: options.model.sha256,
      name: options.model.name,
      quantisation: facts.quantisation,
      tokenizer: facts.tokenizer,
      kernelClass: kernelClass(llama.systemInfo, process.arch),
      contextTokens,
    })
    const replayer = createLlamaReplayer(model, await model.createContext(settings), {
      profile,
      whenFree: whenIdle(() => generator.busy),
      timeoutMs: options.replayTimeoutMs,
    })
    return new LlamaExecutor(model, context, generator, replayer, profile, maxWaiting)
  } catch (cause) {
    await model?.dispose()
    if (cause instanceof DuckMeshError) throw cause
    const message = `The model ${options.model.name} cannot be loaded.`
    throw new DuckMeshError('EXECUTOR_FAILED', message, { model: options.model.name }, { cause })
  }
}

function defaultSlots({ parameters }: LlamaModelFacts): number {
  if (parameters < SINGLE_THREAD_PARAMETERS) return 4
  return parameters < SINGLE_SLOT_PARAMETERS ? 2 : 1
}

/** Beyond its trained length a model writes nonsense, so that setting is refused. */
function contextTooLarge(contextTokens: number, trainedTokens: number): DuckMeshError {
  const details = { setting: 'contextTokens', contextTokens, trainedTokens }
  return new DuckMeshError('BAD_CONFIG', `The model was trained for ${trainedTokens} tokens.`, details)
}

class LlamaExecutor implements Executor {
  readonly profile: ExecutionProfile
  readonly contextTokens: number
  readonly generator: LlamaGenerator
  readonly replayer: Replayer
  readonly #model: LlamaModel
  readonly #context: LlamaContext
  readonly #sequence: LlamaContextSequence
  readonly #queue: RunQueue
  readonly #closing = new AbortController()

  constructor(
    model: LlamaModel,
    context: LlamaContext,
    generator: LlamaGenerator,
    replayer: Replayer,
    profile: ExecutionProfile,
    maxWaiting: number,
  ) {
    this.profile = profile
    this.generator = generator
    this.replayer = replayer
    this.contextTokens = profile.contextTokens
    this.#model = model
    this.#context = context
    this.#sequence = context.getSequence()
    this.#queue = new RunQueue({ slots: 1, maxWaiting })
  }

  async run(request: InferenceRequest, options: RunOptions = {}): Promise<ExecutorRun> {
    const signal = AbortSignal.any([this.#closing.signal, ...(options.signal ? [options.signal] : [])])
    if (signal.aborted)
      throw new DuckMeshError('CANCELLED', 'The run was cancelled.', {}, { cause: signal.reason })
    const prompt = this.#tokenize(request)
    return this.#queue.run(() => this.#generate(request, prompt, signal, options.onToken), signal)
  }

  async close(): Promise<void> {
    if (!this.#closing.signal.aborted) this.#closing.abort(new Error('The executor was closed.'))
    await Promise.all([this.#queue.idle(), this.generator.close(), this.replayer.close()])
    await this.#context.dispose()
    await this.#model.dispose()
  }

  /** Prompt tokens, begin-of-sequence included where the model wants it; text that looks like a special token stays text. */
  #tokenize(request: InferenceRequest): Token[] {
    if (request.temperature > 0 && request.seed >= RANDOM_SEED) {
      const message = `Seed ${request.seed} cannot be repeated; the engine takes seeds below ${RANDOM_SEED}.`
      throw new DuckMeshError('BAD_REQUEST', message, { seed: request.seed, limit: RANDOM_SEED })
    }
    const { bos, shouldPrependBosToken } = this.#model.tokens
    const start = bos !== null && shouldPrependBosToken ? [bos] : []
    const prompt = [...start, ...this.#model.tokenize(request.prompt)]
    if (prompt.length + request.maxTokens > this.contextTokens) {
      throw new DuckMeshError(
        'PROMPT_TOO_LONG',
        `${prompt.length} prompt tokens and ${request.maxTokens} for the answer exceed the context.`,
        { promptTokens: prompt.length, maxTokens: request.maxTokens, contextTokens: this.contextTokens },
      )
    }
    return prompt
  }

  async #generate(
    request: InferenceRequest,
    prompt: Token[],
    signal: AbortSignal,
    onToken: RunOptions['onToken'],
  ): Promise<ExecutorRun> {
    const tokens: Token[] = []
    try {
      await this.#sequence.clearHistory()
      const last = await this.#prefill(prompt, signal)
      const sampling = { temperature: request.temperature, seed: request.seed, ...samplerRules }
      // The engine ends the iteration itself, without giving the token, when the model ends its text.
      for await (const token of this.#sequence.evaluate(last, sampling)) {
        signal.throwIfAborted()
        tokens.push(token)
        onToken?.(tokens.length)
        if (tokens.length >= request.maxTokens) break
      }
      signal.throwIfAborted()
    } catch (cause) {
      if (signal.aborted) throw new DuckMeshError('CANCELLED', 'The run was cancelled.', {}, { cause })
      const message = cause instanceof Error ? cause.message : String(cause)
      throw new DuckMeshError('EXECUTOR_FAILED', `The engine failed: ${message}`, {}, { cause })
    }
    const finishReason = tokens.length < request.maxTokens ? 'stop' : 'length'
    const text = this.#model.detokenize(tokens, false, prompt)
    return { result: { text, tokens: [...tokens], finishReason }, promptTokens: prompt.length }
  }

  /** Feeds all full batches but the last, with a chance to abort after each; returns the rest, never empty. */
  async #prefill(prompt: Token[], signal: AbortSignal): Promise<Token[]> {
    let done = 0
    while (prompt.length - done > BATCH_TOKENS) {
      await this.#sequence.evaluateWithoutGeneratingNewTokens(prompt.slice(done, done + BATCH_TOKENS))
      signal.throwIfAborted()
      done += BATCH_TOKENS
    }
    return prompt.slice(done)
  }
}
