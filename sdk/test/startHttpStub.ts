import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { stringifyWire } from '@duckmesh/protocol'

/** Answers one request; `body` is the parsed JSON body. */
export type Handler = (
  response: ServerResponse,
  request: IncomingMessage,
  body: unknown,
) => void | Promise<void>

/** A real HTTP server with handlers that a test sets and changes. */
export type HttpStub = {
  url: string
  /** Handlers by `METHOD /path`; a path may end in `*`. */
  handlers: Record<string, Handler>
  stop(): Promise<void>
}

/** Handler that answers with JSON. */
export const json =
  (value: unknown, status = 200): Handler =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(stringifyWire(value))
  }

/** Starts the server on a free port of the loopback interface. */
export async function startHttpStub(handlers: Record<string, Handler> = {}): Promise<HttpStub> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    const key = `${request.method} ${request.url}`
    const handler =
      handlers[key] ??
      Object.entries(handlers).find(
        ([pattern]) => pattern.endsWith('*') && key.startsWith(pattern.slice(0, -1)),
      )?.[1]
    const missing = json({ error: { code: 'NOT_FOUND', message: `no ${key}`, details: {} } }, 404)
    await (handler ?? missing)(response, request, text ? JSON.parse(text) : undefined)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    handlers,
    async stop() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
