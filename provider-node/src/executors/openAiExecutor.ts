import { DuckMeshError, type ExecutionProfile, type InferenceRequest } from '@duckmesh/protocol'
import type { Executor, ExecutorRun, RunOptions } from './executor.ts'
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
  /** Whole time of one call. @default 120000 */
  timeoutMs?: number | undefined
  /** Most bytes of an answer. @default 1048576 */
  maxAnswerBytes?: number | undefined
  /** Calls at the same time. @default 1 */
  slots?: number | undefined
  /** Requests that may wait for a slot. @default 16 */
  maxWaiting?: number | undefined
  /** Send `top_k` and `min_p`; turn off for OpenAI itself, which refuses unknown fields. @default true */
  extendedSampler?: boolean | undefined
}

/**
 * Runs requests on an OpenAI-compatible server (llama.cpp, vLLM, Ollama, llamafile, hosted ones). One call per
 * run and no retry: whether to try again is decided by whoever holds the job's deadline. Progress is not reported,
 * since the answer comes in one piece.
 *
 * Warning: such a server gives no token ids and does not say what it computes on; its results suit the `signed`
 * and `attested` modes, not `redundant`.
 */
export function createOpenAiExecutor(options: OpenAiExecutorOptions): Executor {
  const { profile, apiKey, api = 'completions', timeoutMs = 120_000, maxAnswerBytes = 1_048_576 } = options
  const url = new URL(
    openAiPaths[api],
    options.baseUrl.endsWith('/') ? options.baseUrl : `${options.baseUrl}/`,
  )
  const queue = new RunQueue({ slots: options.slots ?? 1, maxWaiting: options.maxWaiting ?? 16 })
  const closing = new AbortController()
  const extendedSampler = options.extendedSampler ?? true

  async function call(request: InferenceRequest, cancel: AbortSignal): Promise<ExecutorRun> {
    const timeout = AbortSignal.timeout(timeoutMs)
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(apiKey && { authorization: `Bearer ${apiKey}` }) },
        body: JSON.stringify(openAiBody(request, { api, model: options.model, extendedSampler })),
        // A redirect could carry prompt and key to another host.
        redirect: 'error',
        signal: AbortSignal.any([cancel, timeout]),
      })
      const text = await readBoundedText(response, maxAnswerBytes)
      if (!response.ok) throw refusal(response.status, apiKey ? text.replaceAll(apiKey, '…') : text)
      return parseOpenAiAnswer(text, api, request.maxTokens)
    } catch (cause) {
      if (cancel.aborted) throw new DuckMeshError('CANCELLED', 'The run was cancelled.', {}, { cause })
      if (timeout.aborted) {
        const message = `The inference server did not answer within ${timeoutMs} ms.`
        throw new DuckMeshError('EXECUTOR_TIMEOUT', message, { timeoutMs }, { cause })
      }
      if (cause instanceof DuckMeshError) throw cause
      throw new DuckMeshError('EXECUTOR_FAILED', 'The inference server cannot be reached.', {}, { cause })
    }
  }

  return {
    profile,
    contextTokens: profile.contextTokens,
    async run(request: InferenceRequest, runOptions: RunOptions = {}) {
      const cancel = AbortSignal.any([closing.signal, ...(runOptions.signal ? [runOptions.signal] : [])])
      if (request.maxTokens >= profile.contextTokens) {
        const details = { maxTokens: request.maxTokens, contextTokens: profile.contextTokens }
        throw new DuckMeshError('PROMPT_TOO_LONG', 'The answer alone would fill the context.', details)
      }
      return queue.run(() => call(request, cancel), cancel)
    },
    async close() {
      if (!closing.signal.aborted) closing.abort(new Error('The executor was closed.'))
      await queue.idle()
    },
  }
}

/** The error for an HTTP status; what the server wrote goes to the cause only, for the operator's log. */
function refusal(status: number, body: string): DuckMeshError {
  const busy = status === 429 || status === 503
  const message = `The inference server refused the call with status ${status}.`
  const cause = new Error(body.slice(0, 500))
  return new DuckMeshError(busy ? 'EXECUTOR_BUSY' : 'EXECUTOR_FAILED', message, { status }, { cause })
}
