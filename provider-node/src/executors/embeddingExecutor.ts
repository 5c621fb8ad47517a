import { DuckMeshError, type StreamRequest } from '@duckmesh/protocol'
import type { LlamaEmbeddingContext, LlamaModel } from 'node-llama-cpp'
import { checkGgufHeader } from '../models/checkGgufHeader.ts'
import type { ResolvedModel } from '../models/modelRegistry.ts'
import type { Executor } from './executor.ts'
import { float32Base64 } from './float32.ts'
import { GenerationQueue, type Put } from './generationQueue.ts'
import type { GenerationEnd, GenerationStep, Generator } from './generator.ts'
import { kernelClass } from './kernelClass.ts'
import { llamaModelFacts } from './llamaModelFacts.ts'
import { llamaRuntime } from './llamaRuntime.ts'
import { llamaProfile } from './profile.ts'
import { createStreamExecutor } from './streamExecutor.ts'

/** Vectors in one piece, so that long requests flow and an abort takes effect. */
const PIECE_VECTORS = 16

export type EmbeddingExecutorOptions = {
  model: ResolvedModel
  /** Requests that may wait while one runs. @default 16 */
  maxWaiting?: number | undefined
}

/**
 * Loads an embedding model (GGUF) into this process and turns texts into vectors of length 1.
 * @throws DuckMeshError `MODEL_CORRUPT` when the file is no GGUF, `EXECUTOR_FAILED` when it cannot be loaded
 */
export async function createEmbeddingExecutor(options: EmbeddingExecutorOptions): Promise<Executor> {
  const { name, path, sha256 } = options.model
  await checkGgufHeader(path)
  const llama = await llamaRuntime()
  let model: LlamaModel | undefined
  try {
    model = await llama.loadModel({ modelPath: path, gpuLayers: 0, defaultContextFlashAttention: false })
    const contextTokens = model.trainContextSize
    // An encoder reads the whole text at once.
    const sizes = { contextSize: contextTokens, batchSize: contextTokens, threads: 1 }
    const context = await model.createEmbeddingContext(sizes)
    const { quantisation, tokenizer } = llamaModelFacts(model)
    const profile = llamaProfile({
      sha256,
      name,
      quantisation,
      tokenizer,
      kernelClass: kernelClass(llama.systemInfo, process.arch),
      contextTokens,
    })
    const embedding = new Embedding(model, context, options.maxWaiting ?? 16)
    return createStreamExecutor(profile, embedding, () => embedding.close())
  } catch (cause) {
    await model?.dispose()
    if (cause instanceof DuckMeshError) throw cause
    throw new DuckMeshError(
      'EXECUTOR_FAILED',
      `The model ${name} cannot be loaded.`,
      { model: name },
      { cause },
    )
  }
}

class Embedding implements Generator {
  readonly apis = ['embedding'] as const
  readonly givesLogprobs = false
  readonly slots = 1
  readonly #model: LlamaModel
  readonly #context: LlamaEmbeddingContext
  readonly #queue: GenerationQueue

  constructor(model: LlamaModel, context: LlamaEmbeddingContext, maxWaiting: number) {
    this.#model = model
    this.#context = context
    this.#queue = new GenerationQueue({ slots: 1, maxWaiting })
  }

  get busy(): number {
    return this.#queue.busy
  }

  async *generate(
    request: StreamRequest,
    cancel: AbortSignal,
  ): AsyncGenerator<GenerationStep, GenerationEnd, void> {
    if (request.api !== 'embedding') {
      throw new DuckMeshError('BAD_REQUEST', 'This engine makes vectors of texts.', { api: request.api })
    }
    return yield* this.#queue.run((put, signal) => this.#embed(request.input, put, signal), cancel)
  }

  async close(): Promise<void> {
    await this.#queue.close()
    await this.#context.dispose()
    await this.#model.dispose()
  }

  async #embed(texts: readonly string[], put: Put, signal: AbortSignal): Promise<'stop'> {
    const lengths = texts.map((text) => this.#length(text))
    await put({ type: 'prompt', promptTokens: lengths.reduce((sum, length) => sum + length, 0) })
    let ready: string[] = []
    for (const [index, text] of texts.entries()) {
      const { vector } = await this.#context.getEmbeddingFor(text)
      signal.throwIfAborted()
      ready.push(float32Base64(unit(vector)))
      if (ready.length < PIECE_VECTORS && index < texts.length - 1) continue
      await put({ type: 'piece', piece: { text: '', tokens: [], logprobs: [], embeddings: ready } })
      ready = []
    }
    return 'stop'
  }

  /** Tokens of a text. @throws DuckMeshError `PROMPT_TOO_LONG` when the model cannot read it at once */
  #length(text: string): number {
    const promptTokens = this.#context.calculateInputLength(text)
    const contextTokens = this.#model.trainContextSize
    if (promptTokens < contextTokens) return promptTokens
    throw new DuckMeshError('PROMPT_TOO_LONG', `A text has ${promptTokens} tokens.`, {
      promptTokens,
      contextTokens,
    })
  }
}

/** The vector at length 1, as sentence-transformers and OpenAI give it. */
function unit(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector)
  return vector.map((value) => value / length)
}
