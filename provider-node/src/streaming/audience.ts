import { type Chunk, type JobId, type ProviderId, type StreamEnd, stringifyWire } from '@duckmesh/protocol'
import type { SealEvent } from './openRequest.ts'
import type { EventSink, StreamEventName } from './sink.ts'

/** Chunks that are read at once for a client that comes back. */
const PAGE = 64

/** A connected client of one stream. */
export type Reader = {
  /** Sends one event; resolves when there is room for the next. @returns false when the client is gone */
  send(name: StreamEventName, data: unknown): Promise<boolean>
  /** Sends the last event and lets the client go. */
  end(name: StreamEventName, data: unknown): Promise<void>
}

export type AudienceOptions = {
  streamId: JobId
  providerId: ProviderId
  /** Chunks from an index on, as they were given. */
  stored: (from: number, count: number) => Chunk[]
  /** Chunks given so far. */
  given: () => number
  nowMs: () => number
  /** A client is there and has caught up. */
  onLive: () => void
}

/**
 * Who listens to a stream: at most one client, which may go and come back. A client that comes back is first given what
 * it missed. The latest to come takes the place of the one before.
 */
export class Audience {
  readonly #options: AudienceOptions
  #sink: EventSink | undefined
  #live: Reader | undefined
  #goneMs: number | undefined
  #onLive: (() => void) | undefined
  #end: StreamEnd | undefined

  constructor(options: AudienceOptions) {
    this.#options = options
    this.#goneMs = options.nowMs()
  }

  /** Since when nobody listens, ms; undefined while somebody does. */
  get goneMs(): number | undefined {
    return this.#goneMs
  }

  /** The client that has all that was given so far; waits for one until `end`. */
  async reader(end: AbortSignal): Promise<Reader | undefined> {
    while (!this.#live && !end.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#onLive = resolve
      const stop = () => resolve()
      end.addEventListener('abort', stop, { once: true })
      await promise
      end.removeEventListener('abort', stop)
    }
    return this.#live
  }

  /**
   * Lets a client listen. Resolves when it has all that was given before it came.
   * @param after chunks that it has already
   */
  async join(sink: EventSink, seal: SealEvent, after: number): Promise<void> {
    const { given, providerId, stored, streamId } = this.#options
    this.#sink?.close()
    this.#sink = sink
    this.#live = undefined
    this.#goneMs = undefined
    void sink.closed.then(() => this.#leave(sink))
    const sealed = (name: StreamEventName, data: unknown) => seal({ event: name, data: stringifyWire(data) })
    const reader: Reader = {
      send: async (name, data) => {
        const { event, data: text } = await sealed(name, data)
        return sink.send(event, text)
      },
      end: async (name, data) => {
        const { event, data: text } = await sealed(name, data)
        return sink.end(event, text)
      },
    }
    if (!(await reader.send('open', { streamId, providerId, storedChunks: given() }))) return
    for (let next = after; next < given(); ) {
      const page = stored(next, PAGE)
      if (page.length === 0) return sink.close() // dropped in the meantime
      for (const chunk of page) if (!(await reader.send('chunk', chunk))) return
      next += page.length
    }
    if (this.#sink !== sink) return
    this.#live = reader
    this.#onLive?.()
    this.#options.onLive()
    if (this.#end) await reader.end('end', this.#end)
  }

  /** Tells the client how the stream ended, at once or when it has caught up, and lets it go. */
  async finish(end: StreamEnd): Promise<void> {
    this.#end = end
    await this.#live?.end('end', end)
  }

  /** Ends all listening. */
  close(): void {
    this.#sink?.close()
  }

  #leave(sink: EventSink): void {
    if (this.#sink !== sink) return
    this.#sink = undefined
    this.#live = undefined
    this.#goneMs = this.#options.nowMs()
  }
}
