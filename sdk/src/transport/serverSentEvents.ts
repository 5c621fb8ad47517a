import { DuckMeshError } from '@duckmesh/protocol'
import { createParser, type EventSourceMessage } from 'eventsource-parser'

/** How to read one event stream. */
export type ServerSentEventsParameters = {
  /** Longest time without one byte, milliseconds. */
  silenceMs: number
  /** Called for every chunk, keep-alive comments included. */
  onBytes: () => void
  /** For messages only. */
  url: string
}

const MAX_EVENT_CHARACTERS = 1_048_576

/**
 * Reads the data fields of a server-sent event stream until the other side closes it. Source: WHATWG HTML,
 * section "Server-sent events".
 * @throws DuckMeshError `SERVICE_UNAVAILABLE` after `silenceMs` without a byte, `UPSTREAM_ERROR` for one event
 * above 1 MiB
 */
export async function* readServerSentEvents(
  body: ReadableStream<Uint8Array>,
  { silenceMs, onBytes, url }: ServerSentEventsParameters,
): AsyncGenerator<string, void, undefined> {
  const ready: EventSourceMessage[] = []
  let overflow = false
  const parser = createParser({
    maxBufferSize: MAX_EVENT_CHARACTERS,
    onEvent: (message) => ready.push(message),
    onError: (error) => {
      overflow ||= error.type === 'max-buffer-size-exceeded'
    },
  })
  const decoder = new TextDecoder()
  const reader = body.getReader()
  try {
    for (;;) {
      const { done, value } = await within(reader.read(), silenceMs, url)
      if (done) return
      onBytes()
      parser.feed(decoder.decode(value, { stream: true }))
      if (overflow) throw new DuckMeshError('UPSTREAM_ERROR', `${url} sent an event above 1 MiB.`, { url })
      for (const message of ready.splice(0)) yield message.data
    }
  } finally {
    // the stream is dropped either way; an error of closing it would hide the reason why
    await reader.cancel().catch(() => undefined)
  }
}

async function within<T>(promise: Promise<T>, ms: number, url: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const silence = new Promise<never>((_resolve, reject) => {
    const message = `${url} was silent for ${ms} ms.`
    timer = setTimeout(() => reject(new DuckMeshError('SERVICE_UNAVAILABLE', message, { url })), ms)
  })
  try {
    return await Promise.race([promise, silence])
  } finally {
    clearTimeout(timer)
  }
}
