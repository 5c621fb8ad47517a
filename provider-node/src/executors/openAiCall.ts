import { DuckMeshError } from '@duckmesh/protocol'
import { readBoundedText } from './readBoundedText.ts'

/** Most bytes of a refusal that are read, for the operator's log. */
const REFUSAL_BYTES = 4_096
/** When the server does not say when to come again, ms. */
const RETRY_AFTER_MS = 1_000

/** An OpenAI-compatible server. */
export type OpenAiServer = {
  /** Where `v1/…` begins, e.g. `http://127.0.0.1:8080`. */
  baseUrl: string
  /** Sent as a bearer token; never part of an error or a log line. */
  apiKey?: string | undefined
}

/**
 * Posts JSON to a server.
 * @param path below the base URL, see `openAiPaths`
 * @param signal closes the connection
 * @returns an answer with a status of success, its body unread
 * @throws DuckMeshError `EXECUTOR_BUSY` with `details.retryAfterMs`, or `EXECUTOR_FAILED`, for another status
 */
export async function postOpenAi(
  { baseUrl, apiKey }: OpenAiServer,
  path: string,
  body: Record<string, unknown>,
  signal: AbortSignal,
): Promise<Response> {
  const response = await fetch(new URL(path, baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(apiKey && { authorization: `Bearer ${apiKey}` }) },
    body: JSON.stringify(body),
    // A redirect could carry prompt and key to another host.
    redirect: 'error',
    signal,
  })
  if (response.ok) return response
  const text = await readBoundedText(response, REFUSAL_BYTES)
  throw refusal(response, apiKey ? text.replaceAll(apiKey, '…') : text)
}

/** The error for an HTTP status; what the server wrote goes to the cause only. */
function refusal({ status, headers }: Response, body: string): DuckMeshError {
  const message = `The inference server refused the call with status ${status}.`
  const cause = new Error(body.slice(0, 500))
  if (status !== 429 && status !== 503)
    return new DuckMeshError('EXECUTOR_FAILED', message, { status }, { cause })
  const seconds = Number(headers.get('retry-after') ?? Number.NaN)
  const retryAfterMs = Number.isFinite(seconds) && seconds >= 0 ? Math.ceil(seconds * 1_000) : RETRY_AFTER_MS
  return new DuckMeshError('EXECUTOR_BUSY', message, { status, retryAfterMs }, { cause })
}

/**
 * The error of a call that failed, told apart by what ended it.
 * @param cancel fired by the caller
 * @param timeout fired when the server took longer than `timeoutMs`
 */
export function openAiFailure(
  cause: unknown,
  { cancel, timeout, timeoutMs }: { cancel: AbortSignal; timeout: AbortSignal; timeoutMs: number },
): DuckMeshError {
  if (cancel.aborted) return new DuckMeshError('CANCELLED', 'The run was cancelled.', {}, { cause })
  if (timeout.aborted) {
    const message = `The inference server did not answer within ${timeoutMs} ms.`
    return new DuckMeshError('EXECUTOR_TIMEOUT', message, { timeoutMs }, { cause })
  }
  if (cause instanceof DuckMeshError) return cause
  return new DuckMeshError('EXECUTOR_FAILED', 'The inference server cannot be reached.', {}, { cause })
}
