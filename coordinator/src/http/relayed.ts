import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { RelayCall } from '../features/relay/relay.ts'
import { VIA } from '../ports/outbound.ts'
import type { Call } from './mount.ts'

/** A call as the relay sees it. */
export const relayCall = ({ request, signal }: Call): RelayCall => ({
  client: request.ip ?? 'unknown',
  signal,
  isRelayed: request.headers.via?.includes(VIA) ?? false,
})

/**
 * Writes a relayed answer. The provider is read only as fast as the client reads. When either goes away the other one's
 * connection is closed too, without an end, so that the client knows that the answer was cut.
 */
export async function sendRelayed(lines: AsyncGenerator<string>, { response }: Call): Promise<void> {
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  response.flushHeaders()
  // the client sees how it ended by the seal of the last event; here nothing may be said about it
  await pipeline(Readable.from(lines), response).catch(() => response.destroy())
}
