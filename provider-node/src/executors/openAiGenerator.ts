import { DuckMeshError, type StreamApi, type StreamRequest } from '@duckmesh/protocol'
import { float32Base64 } from './float32.ts'
import { GenerationQueue, type Put } from './generationQueue.ts'
import type { GenerationEnd, Generator } from './generator.ts'
import { type OpenAiServer, openAiFailure, postOpenAi } from './openAiCall.ts'
import { readOpenAiEvents } from './openAiEvents.ts'
import {
  type OpenAiDialect,
  type OpenAiEvent,
  openAiStreamBody,
  parseOpenAiEmbeddings,
  parseOpenAiEvent,
} from './openAiStreamWire.ts'
import { openAiPaths } from './openAiWire.ts'
import { readBoundedText } from './readBoundedText.ts'

/** Vectors in one piece. */
const PIECE_VECTORS = 16

export type OpenAiGeneratorOptions = {
  server: OpenAiServer
  dialect: OpenAiDialect
  /** What the server is asked for. */
  apis: readonly StreamApi[]
  /** Longest silence of the server, ms. */
  timeoutMs: number
  /** Most bytes of an answer. */
  maxAnswerBytes: number
  /** Calls at the same time. */
  slots: number
  /** Requests that may wait for a slot. */
  maxWaiting: number
}

/**
 * The streaming lane on an OpenAI-compatible server: one call a request, no retry. How long the prompt is comes when
 * the server tells it. A cut answer cannot be gone on with, because the server hides its tokens or takes none.
 */
export function createOpenAiGenerator(
  options: OpenAiGeneratorOptions,
): Generator & { close(): Promise<void> } {
  const { apis, dialect, slots } = options
  const queue = new GenerationQueue(options)
  return {
    apis,
    givesLogprobs: dialect.givesTokenIds,
    slots,
    get busy() {
      return queue.busy
    },
    async *generate(request, cancel) {
      refuse(request, apis)
      return yield* queue.run((put, signal) => answer(request, options, put, signal), cancel)
    },
    close: () => queue.close(),
  }
}

function refuse(request: StreamRequest, apis: readonly StreamApi[]): void {
  if (!apis.includes(request.api)) {
    throw new DuckMeshError('BAD_REQUEST', 'This engine does not serve that.', { api: request.api })
  }
  if ('continueFrom' in request && request.continueFrom.length > 0) {
    const message = 'This engine cannot go on with an answer of another one.'
    throw new DuckMeshError('BAD_REQUEST', message, { field: 'continueFrom' })
  }
}

async function answer(
  request: StreamRequest,
  options: OpenAiGeneratorOptions,
  put: Put,
  cancel: AbortSignal,
): Promise<GenerationEnd['finishReason']> {
  const silence = new AbortController()
  const { timeoutMs } = options
  let timer: NodeJS.Timeout | undefined
  const watch = (isReading: boolean) => {
    clearTimeout(timer)
    if (isReading) timer = setTimeout(() => silence.abort(), timeoutMs)
  }
  watch(true)
  try {
    const signal = AbortSignal.any([cancel, silence.signal])
    if (request.api === 'embedding') return await embed(request, options, put, signal)
    if (request.api === 'ocr') throw new DuckMeshError('BAD_REQUEST', 'This engine reads no images.', {})
    return await stream(request, options, put, signal, watch)
  } catch (cause) {
    throw openAiFailure(cause, { cancel, timeout: silence.signal, timeoutMs })
  } finally {
    clearTimeout(timer)
  }
}

async function stream(
  request: Extract<StreamRequest, { api: 'chat' | 'completion' }>,
  { server, dialect, maxAnswerBytes }: OpenAiGeneratorOptions,
  put: Put,
  signal: AbortSignal,
  watch: (isReading: boolean) => void,
): Promise<GenerationEnd['finishReason']> {
  const path = request.api === 'chat' ? openAiPaths.chat : openAiPaths.completions
  const { body } = await postOpenAi(server, path, openAiStreamBody(request, dialect), signal)
  let promptTokens: number | undefined
  let last: OpenAiEvent | undefined
  for await (const data of readOpenAiEvents(body!, maxAnswerBytes, watch)) {
    const event = parseOpenAiEvent(data, request.api, dialect)
    if (promptTokens === undefined && event.promptTokens !== undefined) {
      promptTokens = event.promptTokens
      await put({ type: 'prompt', promptTokens })
    }
    if (event.piece) await put({ type: 'piece', piece: event.piece })
    last = {
      ...event,
      finishReason: event.finishReason ?? last?.finishReason,
      completionTokens: event.completionTokens ?? last?.completionTokens,
    }
  }
  if (!last?.finishReason) throw new DuckMeshError('EXECUTOR_FAILED', 'The answer has no end.')
  if (promptTokens === undefined) await put({ type: 'prompt', promptTokens: 0 })
  // llamafile 0.8.1 says `stop` also when it ran into the limit; the count tells the truth.
  const isFull = last.finishReason === 'stop' && (last.completionTokens ?? 0) >= request.maxTokens
  return isFull ? 'length' : last.finishReason
}

async function embed(
  { input }: Extract<StreamRequest, { api: 'embedding' }>,
  { server, dialect, maxAnswerBytes }: OpenAiGeneratorOptions,
  put: Put,
  signal: AbortSignal,
): Promise<'stop'> {
  const body = { model: dialect.model, input, encoding_format: 'float' }
  const response = await postOpenAi(server, openAiPaths.embeddings, body, signal)
  const text = await readBoundedText(response, maxAnswerBytes)
  const { vectors, promptTokens } = parseOpenAiEmbeddings(text, input.length)
  await put({ type: 'prompt', promptTokens })
  for (let from = 0; from < vectors.length; from += PIECE_VECTORS) {
    const embeddings = vectors.slice(from, from + PIECE_VECTORS).map(float32Base64)
    await put({ type: 'piece', piece: { text: '', tokens: [], logprobs: [], embeddings } })
  }
  return 'stop'
}
