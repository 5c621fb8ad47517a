import { DuckMeshError } from '@duckmesh/protocol'
import { createParser } from 'eventsource-parser'

/** Most characters of one event: far above a token with its alternatives. */
const EVENT_CHARACTERS = 1_048_576

/**
 * Reads the data of server-sent events until `[DONE]` or the end of the body.
 * @param limitBytes most bytes that are read
 * @param onRead called before each read and, with its end, after it
 * @throws DuckMeshError `EXECUTOR_FAILED` beyond a limit
 */
export async function* readOpenAiEvents(
  body: ReadableStream<Uint8Array>,
  limitBytes: number,
  onRead: (isReading: boolean) => void,
): AsyncGenerator<string, void, void> {
  let ready: string[] = []
  let isOversize = false
  const parser = createParser({
    maxBufferSize: EVENT_CHARACTERS,
    onEvent: ({ data }) => ready.push(data),
    onError: ({ type }) => {
      isOversize ||= type === 'max-buffer-size-exceeded'
    },
  })
  const decoder = new TextDecoder()
  const reader = body.getReader()
  let sizeBytes = 0
  try {
    for (;;) {
      onRead(true)
      const { done, value } = await reader.read()
      onRead(false)
      if (done) return
      sizeBytes += value.byteLength
      parser.feed(decoder.decode(value, { stream: true }))
      if (sizeBytes > limitBytes || isOversize) {
        const message = 'The answer of the inference server is too long.'
        throw new DuckMeshError('EXECUTOR_FAILED', message, { limitBytes, eventCharacters: EVENT_CHARACTERS })
      }
      for (const data of ready) {
        if (data.trim() === '[DONE]') return
        yield data
      }
      ready = []
    }
  } finally {
    await reader.cancel()
  }
}
