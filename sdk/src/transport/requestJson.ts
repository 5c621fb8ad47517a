import { DuckMeshError, type Route, routePath, stringifyWire, type WireError } from '@duckmesh/protocol'

/** The part of `fetch` that the SDK uses; tests and hosts with their own network stack pass another one. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** A schema of the protocol package, as far as the SDK needs it. */
export type Schema<T> = {
  safeParse(value: unknown): { success: true; data: T } | { success: false; error: { message: string } }
}

/** One call to a service of the mesh. */
export type RequestParameters<T> = {
  /** Origin of the service, e.g. `http://127.0.0.1:7411`. */
  baseUrl: string
  route: Route
  /** Values of the `:name` parameters of the path. */
  parameters?: Record<string, string>
  /** Wire form of the answer. */
  schema: Schema<T>
  /** JSON body; bigints become decimal strings. */
  body?: unknown
  /** Value of the `Authorization` header. */
  authorization?: string
  /** Longest time for the whole answer, milliseconds. */
  timeoutMs: number
  signal?: AbortSignal | undefined
  fetch: Fetch
}

/**
 * Calls a route of the mesh and parses the answer.
 * @returns the parsed answer
 * @throws DuckMeshError the error that the service sent; `SERVICE_UNAVAILABLE` with `details.url` when it cannot be
 * reached or is too slow; `UPSTREAM_ERROR` when the answer is not what the schema says; `CANCELLED` on abort
 */
export async function requestJson<T>(request: RequestParameters<T>): Promise<T> {
  const { route, schema, signal } = request
  const url = urlOf(request.baseUrl, routePath(route, request.parameters))
  const timeout = AbortSignal.timeout(request.timeoutMs)
  const headers: Record<string, string> = { accept: 'application/json' }
  if (request.authorization) headers.authorization = request.authorization
  const init: RequestInit = {
    method: route.method,
    headers,
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
  }
  if (request.body !== undefined) {
    headers['content-type'] = 'application/json'
    init.body = stringifyWire(request.body)
  }
  let status: number
  let text: string
  try {
    const response = await request.fetch(url, init)
    status = response.status
    text = await response.text()
  } catch (thrown) {
    throw networkError(thrown, url, signal)
  }
  const value = parseJson(text)
  if (status >= 400) throw errorOf(value, status, url)
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw unexpected(url, status, parsed.error.message, text)
}

/**
 * Error of a failed `fetch`.
 * @param thrown what `fetch` or reading its body threw
 * @param signal the caller's own signal, to tell a cancelled call from a service that is away
 */
export function networkError(thrown: unknown, url: string, signal?: AbortSignal): DuckMeshError {
  if (signal?.aborted) return new DuckMeshError('CANCELLED', `The call to ${url} was cancelled.`, { url })
  const late = thrown instanceof Error && thrown.name === 'TimeoutError'
  const message = late ? `${url} did not answer in time.` : `${url} cannot be reached.`
  return new DuckMeshError('SERVICE_UNAVAILABLE', message, { url }, { cause: thrown })
}

/** Error that an HTTP answer of status 400 or more carries, whatever its body looks like. */
export function errorOf(body: unknown, status: number, url: string): DuckMeshError {
  const wire = (body as { error?: Partial<WireError> } | undefined)?.error
  if (typeof wire?.code === 'string' && typeof wire.message === 'string') {
    return DuckMeshError.fromWire({ ...wire, details: { ...wire.details, url, status } } as WireError)
  }
  const code = status === 502 || status === 503 || status === 504 ? 'SERVICE_UNAVAILABLE' : 'UPSTREAM_ERROR'
  return new DuckMeshError(code, `${url} answered with status ${status}.`, { url, status })
}

/** Parses JSON; undefined when the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // the schema, or the lack of an error object, then says what is wrong
  }
}

/**
 * Full URL of a path below a service's base URL.
 * @throws DuckMeshError `BAD_CONFIG` when the base is not an http(s) URL
 */
export function urlOf(baseUrl: string, path: string): string {
  const url = URL.parse(baseUrl)
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new DuckMeshError('BAD_CONFIG', `"${baseUrl}" is not an http(s) URL.`, { url: baseUrl })
  }
  return `${baseUrl.replace(/\/+$/, '')}${path}`
}

function unexpected(url: string, status: number, reason: string, text: string): DuckMeshError {
  const details = { url, status, reason, start: text.slice(0, 200) }
  return new DuckMeshError('UPSTREAM_ERROR', `${url} answered with something unexpected.`, details)
}
