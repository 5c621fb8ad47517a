import type { streamEventSchemas } from '@duckmesh/protocol'

/** Names of the events of a stream. */
export type StreamEventName = keyof typeof streamEventSchemas

/** Where the events of a stream go: one connected client. */
export type EventSink = {
  /**
   * Sends one event. Resolves when there is room for the next one.
   * @param name of the event as it travels
   * @param data JSON text
   * @returns false when the client is gone
   */
  send(name: string, data: string): Promise<boolean>
  /** Resolves when the client is gone or the sink was closed. */
  readonly closed: Promise<void>
  close(): void
  /** Sends the last event and closes behind it, without waiting for the client. */
  end(name: string, data: string): void
}
