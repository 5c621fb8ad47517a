import { createParser, type EventSourceMessage } from 'eventsource-parser'

export type ServerSentEvent = { name: string; data: string }

/** The events of a response, as they come; ends when the connection does, also when that is cut. */
export async function* parseServerSentEvents(
  response: Response,
): AsyncGenerator<ServerSentEvent, void, void> {
  const ready: EventSourceMessage[] = []
  const parser = createParser({ onEvent: (event) => ready.push(event) })
  const decoder = new TextDecoder()
  const reader = response.body!.getReader()
  try {
    for (;;) {
      const part = await reader.read().catch(() => ({ done: true, value: undefined }) as const)
      if (part.done) return
      parser.feed(decoder.decode(part.value, { stream: true }))
      for (const { event, data } of ready.splice(0)) yield { name: event ?? 'message', data }
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}
