// A stand-in for Amazon Bedrock, for the test of this folder: HTTP/2 and event-stream frames as the real one sends
// them, encoded by the codec of the AWS SDK. It computes nothing.
import { once } from 'node:events'
import { createServer, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { EventStreamCodec } from '@smithy/core/event-streams'

const codec = new EventStreamCodec(
  (input) => (typeof input === 'string' ? input : Buffer.from(input).toString('utf8')),
  (text) => Uint8Array.from(Buffer.from(text, 'utf8')),
)

const header = (value: string) => ({ type: 'string', value }) as const

/** One frame: an event, or an exception in the middle of a stream. */
export function frame(name: string, payload: object, kind: 'event' | 'exception' = 'event'): Uint8Array {
  return codec.encode({
    headers: {
      [`:${kind}-type`]: header(name),
      ':message-type': header(kind),
      ':content-type': header('application/json'),
    },
    body: Uint8Array.from(Buffer.from(JSON.stringify(payload))),
  })
}

/** What the stand-in was asked. */
export type StubCall = { path: string; authorization: string; body: unknown; stream: ServerHttp2Stream }

/** Starts the stand-in; `answer` has to respond on the call's stream. */
export async function startBedrockStub(answer: (call: StubCall) => void) {
  const server = createServer()
  const streams = new Set<ServerHttp2Stream>()
  server.on('stream', (stream, headers) => {
    streams.add(stream)
    stream.on('error', () => streams.delete(stream))
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString('utf8'))
      answer({ path: `${headers[':path']}`, authorization: `${headers.authorization}`, body, stream })
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      for (const stream of streams) stream.close()
      server.close()
    },
  }
}

/** Responds with frames and, unless told otherwise, ends. */
export function respond({ stream }: StubCall, frames: readonly Uint8Array[], isWhole = true): void {
  stream.respond({ ':status': 200, 'content-type': 'application/vnd.amazon.eventstream' })
  for (const part of frames) stream.write(part)
  if (isWhole) stream.end()
}

/** Responds with an error as Bedrock writes them. */
export function fail({ stream }: StubCall, status: number, type: string): void {
  stream.respond({ ':status': status, 'content-type': 'application/json', 'x-amzn-errortype': type })
  stream.end(JSON.stringify({ message: 'secret details' }))
}
