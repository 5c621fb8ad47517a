import { DuckMeshError, limits, streamEventSchemas } from '@duckmesh/protocol'
import { createParser, type EventSourceMessage } from 'eventsource-parser'
import type { z } from 'zod'
import type { Clock } from '../ports/clock.ts'
import type { EventOpener } from '../ports/sealer.ts'
import { type HttpCall, networkError, parseJson, send } from './http.ts'

type Schemas = typeof streamEventSchemas

/** An event of a stream, by its name. */
export type StreamEvent = { [K in keyof Schemas]: { name: K; data: z.output<Schemas[K]> } }[keyof Schemas]

export type EventStreamOptions = {
  /** Longest time without one byte, keep-alive comments included, milliseconds. */
  silenceMs: number
  /** Longest time without one event, while bytes come: an engine that hangs behind a node that does not, milliseconds. */
  stallMs: number
  clock: Clock
  /** Of a sealed stream: what its events are called, and what opens them. */
  sealed?: { eventName: string; opener: EventOpener } | undefined
}

/** How long a provider has to close behind its last event, milliseconds. */
const LINGER_MS = 1_000

/** Characters that one event may have: as much as a request. */
const MAX_EVENT_CHARACTERS = limits.maxStreamBodyBytes

/**
 * Calls a route that answers with server-sent events (WHATWG HTML, section "Server-sent events") and gives them checked
 * by their schemas. The reader sets the pace: nothing more is read while it is busy. Ending the iteration closes the
 * connection, unless the last event was `end`: then it is kept for the next call. Events of a name that this version
 * does not know are passed over.
 * @throws DuckMeshError the error that the provider answered with; `SERVICE_UNAVAILABLE` when it cannot be reached, is
 * silent or cut; `STREAM_INVALID` for what is no event of a stream; `CANCELLED` on abort
 */
export async function* eventStream(
  call: HttpCall,
  { silenceMs, stallMs, clock, sealed }: EventStreamOptions,
): AsyncGenerator<StreamEvent, void, undefined> {
  const cut = new AbortController()
  const state = { isEnded: false }
  const head = new AbortController()
  const tooLate = clock.sleep(call.timeoutMs, head.signal).then(() => {
    if (!head.signal.aborted) cut.abort()
  })
  try {
    const { response, url } = await send(call, cut.signal)
    head.abort()
    await tooLate
    const type = response.headers.get('content-type') ?? ''
    if (!response.body || !type.startsWith('text/event-stream')) throw strange(url, 'no event stream', type)
    for await (const { event: outer = '', data: text } of messages(response.body, {
      silenceMs,
      stallMs,
      clock,
      url,
      signal: call.signal,
      state,
      cut,
    })) {
      if (sealed && outer !== sealed.eventName) throw strange(url, 'an open event on a sealed stream', outer)
      const { event, data } = sealed ? await sealed.opener.open(text) : { event: outer, data: text }
      if (!Object.hasOwn(streamEventSchemas, event)) continue
      const parsed = streamEventSchemas[event as keyof Schemas].safeParse(parseJson(data))
      if (!parsed.success) throw strange(url, `a broken ${event} event`, parsed.error.message)
      state.isEnded = event === 'end'
      yield { name: event, data: parsed.data } as StreamEvent
    }
  } finally {
    head.abort()
    if (!state.isEnded) cut.abort() // closes the socket when the reader leaves early
  }
}

type Reading = Pick<EventStreamOptions, 'silenceMs' | 'stallMs' | 'clock'> & {
  url: string
  signal: AbortSignal | undefined
  /** Whether the last event has come. */
  state: { isEnded: boolean }
  /** Ends the exchange. */
  cut: AbortController
}

async function* messages(
  body: AsyncIterable<Uint8Array>,
  { silenceMs, stallMs, clock, url, signal, state, cut }: Reading,
): AsyncGenerator<EventSourceMessage, void, undefined> {
  const ready: EventSourceMessage[] = []
  let isTooLong = false
  const parser = createParser({
    maxBufferSize: MAX_EVENT_CHARACTERS,
    onEvent: (message) => ready.push(message),
    onError: (error) => {
      isTooLong ||= error.type === 'max-buffer-size-exceeded'
    },
  })
  const decoder = new TextDecoder()
  const reader = body[Symbol.asyncIterator]()
  const over = new AbortController()
  // the time in which the consumer is busy with an event is not the provider's
  let askedAtMs = clock.nowMs()
  let dueMs: number | undefined
  let late: DuckMeshError | undefined
  void watch({ dueMs: () => dueMs, everyMs: Math.min(silenceMs, stallMs), clock, over: over.signal }, () => {
    const waitedMs = clock.nowMs() - askedAtMs
    late = new DuckMeshError('SERVICE_UNAVAILABLE', `${url} was silent for ${waitedMs} ms.`, { url })
    cut.abort() // the read under way ends by it
  })
  try {
    for (;;) {
      dueMs = Math.min(clock.nowMs() + silenceMs, askedAtMs + stallMs)
      const { done, value } = await reader.next().catch((thrown) => {
        throw late ?? networkError(thrown, url, signal)
      })
      dueMs = undefined
      if (done) return
      parser.feed(decoder.decode(value, { stream: true }))
      if (isTooLong) throw strange(url, 'an event without an end', '')
      for (const message of ready.splice(0)) {
        yield message
        askedAtMs = clock.nowMs()
      }
    }
  } finally {
    over.abort()
    if (state.isEnded) void linger(reader, cut, clock)
  }
}

/** Reads what is behind the last event, which is nothing: a connection that was read to its end can be used again. */
async function linger(reader: AsyncIterator<Uint8Array>, cut: AbortController, clock: Clock): Promise<void> {
  const over = new AbortController()
  void clock.sleep(LINGER_MS, over.signal).then(() => {
    if (!over.signal.aborted) cut.abort()
  })
  // the stream has ended: how its connection ends matters to nobody
  const isAtEnd = await reader.next().then(
    ({ done }) => done === true,
    () => true,
  )
  over.abort()
  if (!isAtEnd) cut.abort() // whatever came, nothing more is read
}

type Watch = {
  /** When what is waited for is late, unix milliseconds; undefined while nothing is waited for. */
  dueMs: () => number | undefined
  /** How often to look at least, milliseconds. */
  everyMs: number
  clock: Clock
  over: AbortSignal
}

/** One timer for a whole stream, however often its time is moved: a timer for each read would cost more than the read. */
async function watch({ dueMs, everyMs, clock, over }: Watch, onLate: () => void): Promise<void> {
  while (!over.aborted) {
    const leftMs = (dueMs() ?? Number.POSITIVE_INFINITY) - clock.nowMs()
    if (leftMs <= 0) return onLate()
    await clock.sleep(Math.min(leftMs, everyMs), over)
  }
}

const strange = (url: string, what: string, found: string): DuckMeshError =>
  new DuckMeshError('STREAM_INVALID', `${url} sent ${what}.`, { url, found: found.slice(0, 300) })
