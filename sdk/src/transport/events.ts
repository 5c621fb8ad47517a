import {
  coordinatorRoutes,
  DuckMeshError,
  type JobEvent,
  type JobEventType,
  type JobId,
  jobEventSchema,
  routePath,
} from '@duckmesh/protocol'
import { errorOf, type Fetch, networkError, parseJson, urlOf } from './requestJson.ts'
import { isTransient, sleep } from './retry.ts'
import { readServerSentEvents } from './serverSentEvents.ts'

/** What to follow and for how long to try. */
export type JobEventsParameters = {
  baseUrl: string
  jobId: JobId
  fetch: Fetch
  signal?: AbortSignal | undefined
  /** Resume after this event number; 0 = from the first. @default 0 */
  afterSeq?: number | undefined
  /** A connection without one byte for so long counts as cut, milliseconds. @default 45000 */
  silenceMs?: number | undefined
  /** Give up when nothing was received for so long over all tries, milliseconds. @default 60000 */
  giveUpAfterMs?: number | undefined
  /** Asks whether the job can have no further events, where the last one does not say so. @default never */
  isOver?: (() => Promise<boolean>) | undefined
}

const FINAL: ReadonlySet<JobEventType> = new Set(['settled', 'refunded', 'expired'])
const FIRST_RETRY_MS = 200
const MAX_RETRY_MS = 5_000

/**
 * Follows the events of a job to its end. After a cut it reconnects with `Last-Event-ID`, so no event is lost and
 * none is given twice. Event types that this version does not know are passed over.
 * @returns events in order; ends after the last one of the job
 * @throws DuckMeshError `SERVICE_UNAVAILABLE` when the coordinator stayed away too long, `UPSTREAM_ERROR` when it
 * sends something that is not an event stream, `CANCELLED` on abort, or what the coordinator answered
 */
export async function* jobEvents(parameters: JobEventsParameters): AsyncGenerator<JobEvent, void, undefined> {
  const { signal, silenceMs = 45_000, giveUpAfterMs = 60_000 } = parameters
  const path = routePath(coordinatorRoutes.jobEvents, { jobId: parameters.jobId })
  const url = urlOf(parameters.baseUrl, path)
  let lastSeq = parameters.afterSeq ?? 0
  let heardAtMs = performance.now()
  let retryMs = FIRST_RETRY_MS
  const onBytes = () => {
    heardAtMs = performance.now()
    retryMs = FIRST_RETRY_MS
  }
  let wasOver = false
  for (;;) {
    try {
      for await (const data of connection({ ...parameters, url, lastSeq, silenceMs, onBytes })) {
        const event = parseEvent(data, url)
        if (!event || event.seq <= lastSeq) continue
        lastSeq = event.seq
        yield event
        if (FINAL.has(event.type)) return
      }
      // the job was over before this connection began, so whatever there was has come
      if (wasOver) return
      wasOver = (await parameters.isOver?.()) ?? false
      if (wasOver) continue
    } catch (thrown) {
      const error = thrown instanceof DuckMeshError ? thrown : networkError(thrown, url, signal)
      if (!isTransient(error)) throw error
    }
    if (performance.now() - heardAtMs + retryMs > giveUpAfterMs) {
      const message = `The coordinator sent nothing about the job for ${giveUpAfterMs} ms.`
      throw new DuckMeshError('SERVICE_UNAVAILABLE', message, { url, jobId: parameters.jobId, lastSeq })
    }
    await sleep(retryMs, signal)
    retryMs = Math.min(retryMs * 2, MAX_RETRY_MS)
  }
}

type Connection = JobEventsParameters & {
  url: string
  lastSeq: number
  silenceMs: number
  onBytes: () => void
}

async function* connection({ url, lastSeq, signal, silenceMs, onBytes, fetch }: Connection) {
  const headers: Record<string, string> = { accept: 'text/event-stream', 'cache-control': 'no-cache' }
  if (lastSeq > 0) headers['last-event-id'] = String(lastSeq)
  const connecting = AbortSignal.timeout(silenceMs)
  const cut = new AbortController()
  const abort = () => cut.abort(connecting.aborted ? connecting.reason : signal?.reason)
  for (const source of [connecting, signal]) source?.addEventListener('abort', abort, { once: true })
  if (signal?.aborted) abort()
  try {
    const response = await fetch(url, { headers, signal: cut.signal })
    connecting.removeEventListener('abort', abort)
    if (!response.ok) throw errorOf(parseJson(await response.text()), response.status, url)
    const type = response.headers.get('content-type') ?? ''
    if (!response.body || !type.startsWith('text/event-stream')) {
      throw new DuckMeshError('UPSTREAM_ERROR', `${url} is not an event stream.`, { url, contentType: type })
    }
    yield* readServerSentEvents(response.body, { silenceMs, onBytes, url })
  } finally {
    connecting.removeEventListener('abort', abort)
    signal?.removeEventListener('abort', abort)
    cut.abort() // closes the socket when the reader of the events leaves early
  }
}

function parseEvent(data: string, url: string): JobEvent | undefined {
  const value = parseJson(data)
  const parsed = jobEventSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const newer = jobEventSchema.partial({ type: true }).safeParse({ ...(value as object), type: undefined })
  if (newer.success) return undefined // a type of a newer coordinator: nothing that this version could act on
  throw new DuckMeshError('UPSTREAM_ERROR', `${url} sent an event that cannot be read.`, {
    url,
    start: data.slice(0, 200),
  })
}
