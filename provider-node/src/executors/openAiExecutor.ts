import {
  DuckMeshError,
  type ExecutionProfile,
  type InferenceRequest,
  type StreamApi,
} from '@duckmesh/protocol'
import type { Executor, ExecutorRun, RunOptions } from './executor.ts'
import { openAiFailure, postOpenAi } from './openAiCall.ts'
import { createOpenAiGenerator } from './openAiGenerator.ts'
import { type OpenAiApi, openAiBody, openAiPaths, parseOpenAiAnswer } from './openAiWire.ts'
import { readBoundedText } from './readBoundedText.ts'
import { RunQueue } from './runQueue.ts'

export type OpenAiExecutorOptions = {
  /** What the operator states about the model behind the URL; made by `openAiProfile`. */
  profile: ExecutionProfile
  /** Where `v1/…` begins, e.g. `http://127.0.0.1:8080`. */
  baseUrl: string
  /** Raw continuation or a chat turn. @default 'completions' */
  api?: OpenAiApi | undefined
  /** Name of the model on that server. */
  model: string
  /** Sent as a bearer token; never part of an error or a log line. */
  apiKey?: string | undefined
  /** Whole time of a run, and longest silence in a stream. @default 120000 */
  timeoutMs?: number | undefined
  /** Most bytes of the answer of a run. @default 1048576 */
  maxAnswerBytes?: number | undefined
  /** Most bytes of a streamed answer, with all that the server writes around it. @default 67108864 */
  maxStreamBytes?: number | undefined
  /** Calls at the same time, on each lane. @default 1 */
  slots?: number | undefined
  /** Requests that may wait for a slot, on each lane. @default 16 */
  maxWaiting?: number | undefined
  /** Send `top_k` and `min_p`; turn off for OpenAI itself, which refuses unknown fields. @default true */
  extendedSampler?: boolean | undefined
  /** What is asked of the server on the streaming lane. @default chat and completion */
  streamApis?: readonly StreamApi[] | undefined
  /** Whether its log-probabilities carry token ids (`id`), as llama.cpp's server writes them. @default false */
  givesTokenIds?: boolean | undefined
}

/**
 * Runs requests on an OpenAI-compatible server (llama.cpp, vLLM, Ollama, llamafile, hosted ones). One call per
 * request and no retry: whether to try again is decided by whoever holds the job's deadline. Progress of a run is not
 * reported, since its answer comes in one piece.
 *
 * Warning: such a server gives no token ids and does not say what it computes on; its results suit the `signed`
 * and `attested` modes, not `redundant`.
 */
export function createOpenAiExecutor(options: OpenAiExecutorOptions): Executor {
  const { profile, api = 'completions', model, timeoutMs = 120_000, slots = 1, maxWaiting = 16 } = options
  const { maxAnswerBytes = 1_048_576, maxStreamBytes = 67_108_864, extendedSampler = true } = options
  const queue = new RunQueue({ slots, maxWaiting })
  const closing = new AbortController()
  const generator = createOpenAiGenerator({
    server: options,
    dialect: { model, extendedSampler, givesTokenIds: options.givesTokenIds ?? false },
    apis: options.streamApis ?? ['chat', 'completion'],
    timeoutMs,
    maxAnswerBytes: maxStreamBytes,
    slots,
    maxWaiting,
  })

  async function call(request: InferenceRequest, cancel: AbortSignal): Promise<ExecutorRun> {
    const timeout = AbortSignal.timeout(timeoutMs)
    try {
      const body = openAiBody(request, { api, model, extendedSampler })
      const response = await postOpenAi(options, openAiPaths[api], body, AbortSignal.any([cancel, timeout]))
      return parseOpenAiAnswer(await readBoundedText(response, maxAnswerBytes), api, request.maxTokens)
    } catch (cause) {
      throw openAiFailure(cause, { cancel, timeout, timeoutMs })
    }
  }

  return {
    profile,
    contextTokens: profile.contextTokens,
    generator,
    async run(request: InferenceRequest, runOptions: RunOptions = {}) {
      const cancel = AbortSignal.any([closing.signal, ...(runOptions.signal ? [runOptions.signal] : [])])
      if (request.maxTokens >= profile.contextTokens) {
        const details = { maxTokens: request.maxTokens, contextTokens: profile.contextTokens }
        throw new DuckMeshError('PROMPT_TOO_LONG', 'The answer alone would fill the context.', details)
      }
      return queue.run(() => call(request, cancel), cancel)
    },
    async close() {
      closing.abort(new Error('The executor was closed.'))
      await Promise.all([queue.idle(), generator.close()])
    },
  }
}
