import { DuckMeshError, type Route, routePath, stringifyWire, type WireError } from '@duckmesh/protocol'
import type { z } from 'zod'
import type { Fetch, FetchAnswer, FetchInit } from '../ports/fetch.ts'

/** One call to a provider or a coordinator. */
export type HttpCall = {
  /** Origin of the service. */
  baseUrl: string
  route: Route
  /** Values of the `:name` parameters of the path. */
  parameters?: Record<string, string>
  /** JSON body; bigints become decimal strings. */
  body?: unknown
  /** Value of the `Authorization` header. */
  authorization?: string
  /** Longest time for the whole answer, or for the head of an event stream, milliseconds. */
  timeoutMs: number
  signal?: AbortSignal | undefined
  fetch: Fetch
}

/** Characters of an answer that is not an event stream. */
const MAX_ANSWER_CHARACTERS = 8_388_608

/**
 * Calls a route and parses the answer.
 * @throws DuckMeshError the error that the service sent; `SERVICE_UNAVAILABLE` when it cannot be reached, is too slow or
 * cut; `UPSTREAM_ERROR` when the answer is not what the schema says or is too long; `CANCELLED` on abort
 */
export async function callJson<T>(call: HttpCall, schema: z.ZodType<T>): Promise<T> {
  const { response, url } = await send(call, AbortSignal.timeout(call.timeoutMs))
  const text = await readText(response, url, call.signal)
  const parsed = schema.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  const details = { url, reason: parsed.error.message.slice(0, 500) }
  throw new DuckMeshError('UPSTREAM_ERROR', `${url} answered with something unexpected.`, details)
}

/**
 * Sends a call and checks its status.
 * @param until aborts the whole exchange, also while the body is read
 * @throws DuckMeshError as `callJson`
 */
export async function send(
  call: HttpCall,
  until: AbortSignal,
): Promise<{ response: FetchAnswer; url: string }> {
  const url = urlOf(call.baseUrl, routePath(call.route, call.parameters))
  const headers: Record<string, string> = {}
  if (call.authorization) headers.authorization = call.authorization
  const init: FetchInit = {
    method: call.route.method,
    headers,
    redirect: 'error',
    signal: call.signal ? AbortSignal.any([call.signal, until]) : until,
  }
  if (call.body !== undefined) {
    headers['content-type'] = 'application/json'
    init.body = stringifyWire(call.body)
  }
  let response: FetchAnswer
  try {
    response = await call.fetch(url, init)
  } catch (thrown) {
    throw networkError(thrown, url, call.signal)
  }
  if (response.ok) return { response, url }
  const text = await readText(response, url, call.signal)
  throw errorOf(text, response, url)
}

/** Error of a failed `fetch`, or of reading its body; a cancelled call is told from a service that is away. */
export function networkError(thrown: unknown, url: string, signal?: AbortSignal): DuckMeshError {
  if (thrown instanceof DuckMeshError) return thrown
  if (signal?.aborted) return new DuckMeshError('CANCELLED', `The call to ${url} was cancelled.`, { url })
  const message = `${url} cannot be reached, or was cut.`
  return new DuckMeshError('SERVICE_UNAVAILABLE', message, { url }, { cause: thrown })
}

/** Parses JSON; undefined when the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // the schema then says what is wrong
  }
}

async function readText(response: FetchAnswer, url: string, signal?: AbortSignal): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  try {
    for await (const bytes of response.body ?? []) {
      text += decoder.decode(bytes, { stream: true })
      if (text.length > MAX_ANSWER_CHARACTERS) {
        throw new DuckMeshError('UPSTREAM_ERROR', `${url} sent too long an answer.`, { url })
      }
    }
  } catch (thrown) {
    throw networkError(thrown, url, signal)
  }
  return text
}

function errorOf(text: string, response: FetchAnswer, url: string): DuckMeshError {
  const { status } = response
  const retryAfterMs = retryAfterOf(response)
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs }
  const wire = (parseJson(text) as { error?: Partial<WireError> } | undefined)?.error
  if (typeof wire?.code === 'string' && typeof wire.message === 'string') {
    const details = { ...wait, ...wire.details, url, status }
    return DuckMeshError.fromWire({ ...wire, details } as WireError)
  }
  // a proxy in front of a provider that is full
  const isFull = status === 429 || (status === 503 && retryAfterMs !== undefined)
  const isAway = status === 502 || status === 503 || status === 504
  const code = isFull ? 'EXECUTOR_BUSY' : isAway ? 'SERVICE_UNAVAILABLE' : 'UPSTREAM_ERROR'
  return new DuckMeshError(code, `${url} answered with status ${status}.`, { ...wait, url, status })
}

/** `Retry-After` in seconds, as RFC 9110 has it; milliseconds out. */
function retryAfterOf(response: FetchAnswer): number | undefined {
  const header = response.headers.get('retry-after')
  return header && /^\d{1,6}$/.test(header) ? Number(header) * 1_000 : undefined
}

function urlOf(baseUrl: string, path: string): string {
  const url = URL.parse(baseUrl)
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new DuckMeshError('BAD_CONFIG', `"${baseUrl}" is not an http(s) URL.`, { url: baseUrl })
  }
  return `${baseUrl.replace(/\/+$/, '')}${path}`
}
