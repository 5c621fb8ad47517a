import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { DuckMeshError, type ExecutionProfile, type StreamRequest } from '@duckmesh/protocol'
import { sha256File } from '../models/sha256File.ts'
import type { Executor } from './executor.ts'
import { GenerationQueue, type Put } from './generationQueue.ts'
import type { GenerationEnd, GenerationStep, Generator } from './generator.ts'
import { imageSize } from './imageSize.ts'
import { type OcrWorker, ocrModelPath, startOcrWorker } from './ocrWorker.ts'
import { samplerRules } from './profile.ts'
import { createStreamExecutor } from './streamExecutor.ts'

/** Beyond this many pixels a side, Tesseract itself gives up soon. */
const MOST_SIDE_PIXELS = 16_384

export type OcrExecutorOptions = {
  /** Most pixels of an image: four bytes each while it is read, whatever its file weighs. @default 16777216 */
  maxPixels?: number | undefined
  /** Longest time for one image, ms. @default 60000 */
  timeoutMs?: number | undefined
  /** Requests that may wait while one runs. @default 16 */
  maxWaiting?: number | undefined
}

/**
 * Reads English text from images with Tesseract (WebAssembly, in a thread of its own).
 * @throws DuckMeshError `EXECUTOR_FAILED` when Tesseract does not start
 */
export async function createOcrExecutor(options: OcrExecutorOptions = {}): Promise<Executor> {
  const profile = await ocrProfile()
  const { maxPixels = 16_777_216, timeoutMs = 60_000, maxWaiting = 16 } = options
  const reader = new Reader(await startOcrWorker(), { maxPixels, timeoutMs, maxWaiting })
  return createStreamExecutor(profile, reader, () => reader.close())
}

async function ocrProfile(): Promise<ExecutionProfile> {
  const manifest = fileURLToPath(new URL('../package.json', import.meta.resolve('tesseract.js')))
  const { name, version } = JSON.parse(readFileSync(manifest, 'utf8')) as { name: string; version: string }
  return {
    model: await sha256File(ocrModelPath),
    name: 'tesseract-eng',
    quantisation: 'int8',
    tokenizer: 'none',
    sampler: { ...samplerRules },
    engine: `${name}@${version}`,
    kernelClass: 'wasm',
    contextTokens: 1,
  }
}

class Reader implements Generator {
  readonly apis = ['ocr'] as const
  readonly givesLogprobs = false
  readonly slots = 1
  readonly #limits: { maxPixels: number; timeoutMs: number }
  readonly #queue: GenerationQueue
  /** Undefined after a run that was cut, until the next one starts another. */
  #worker: OcrWorker | undefined

  constructor(worker: OcrWorker, limits: { maxPixels: number; timeoutMs: number; maxWaiting: number }) {
    this.#worker = worker
    this.#limits = limits
    this.#queue = new GenerationQueue({ slots: 1, maxWaiting: limits.maxWaiting })
  }

  get busy(): number {
    return this.#queue.busy
  }

  async *generate(
    request: StreamRequest,
    cancel: AbortSignal,
  ): AsyncGenerator<GenerationStep, GenerationEnd, void> {
    if (request.api !== 'ocr') {
      throw new DuckMeshError('BAD_REQUEST', 'This engine reads images.', { api: request.api })
    }
    const image = Buffer.from(request.image, 'base64')
    this.#check(image)
    return yield* this.#queue.run((put, signal) => this.#read(image, put, signal), cancel)
  }

  async close(): Promise<void> {
    await this.#queue.close()
    await this.#worker?.end()
    this.#worker = undefined
  }

  #check(image: Buffer): void {
    const { width, height } = imageSize(image)
    const { maxPixels } = this.#limits
    if (width * height <= maxPixels && Math.max(width, height) <= MOST_SIDE_PIXELS) return
    const details = { field: 'image', width, height, maxPixels, maxSidePixels: MOST_SIDE_PIXELS }
    throw new DuckMeshError('BAD_REQUEST', 'The image is too large.', details)
  }

  async #read(image: Buffer, put: Put, signal: AbortSignal): Promise<'stop'> {
    const worker = this.#worker ?? (await startOcrWorker())
    this.#worker = undefined
    const timeout = AbortSignal.timeout(this.#limits.timeoutMs)
    try {
      await put({ type: 'prompt', promptTokens: 0 })
      const text = await raced(() => worker.read(image), AbortSignal.any([signal, timeout]))
      await put({ type: 'piece', piece: { text, tokens: [], logprobs: [] } })
      this.#worker = worker
      return 'stop'
    } catch (cause) {
      const isHealthy = cause instanceof DuckMeshError && cause.code === 'BAD_REQUEST'
      if (isHealthy) this.#worker = worker
      else await worker.end()
      if (signal.aborted || !timeout.aborted) throw cause
      const { timeoutMs } = this.#limits
      throw new DuckMeshError('EXECUTOR_TIMEOUT', 'The image took too long.', { timeoutMs }, { cause })
    }
  }
}

/** The result of the work, or the reason of the signal, whichever comes first. */
async function raced<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
  const aborted = Promise.withResolvers<never>()
  const stop = () => aborted.reject(signal.reason)
  signal.throwIfAborted()
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([work(), aborted.promise])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
