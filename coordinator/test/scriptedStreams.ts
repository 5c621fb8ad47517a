import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  authenticate,
  DuckMeshError,
  eventSealer,
  generateSealKeyPair,
  type MeshDomain,
  openRequest,
  type PlainEvent,
  type ProviderId,
  SEALED_EVENT,
  type SealedContent,
  type SignedSealKey,
  type StreamBody,
  sealKeyTypedData,
  streamBodySchema,
  streamIdOf,
} from '@duckmesh/protocol'
import type { Address } from 'viem'
import type { PrivateKeyAccount } from 'viem/accounts'

/** What the test does with an opened request: it writes the answer. */
type Play = (call: {
  write: (event: PlainEvent) => Promise<boolean>
  response: ServerResponse
  request: IncomingMessage
}) => Promise<void>

/**
 * The streaming door of a provider without an engine and without books: the test says what it answers. Opening and
 * sealing are real.
 */
export async function startScriptedStreams(
  domain: MeshDomain,
  providerId: ProviderId,
  account: Pick<PrivateKeyAccount, 'address' | 'signTypedData'>,
) {
  const keys = await generateSealKeyPair()
  const opened: (SealedContent & { body: StreamBody; caller: Address })[] = []
  const vouchers: { path: string; body: unknown; caller: Address }[] = []
  const script: { play: Play } = { play: async ({ response }) => void response.end() }
  let closedEarly = 0

  async function openStream(
    request: IncomingMessage,
    response: ServerResponse,
    caller: Address,
  ): Promise<void> {
    const body = streamBodySchema.parse(JSON.parse(await text(request)))
    const streamId = streamIdOf(domain, body.stream)
    const { answer, ...content } = await openRequest(body.sealed!, [keys], { domain, providerId, streamId })
    opened.push({ ...content, body, caller })
    const seal = await eventSealer(answer)
    response.on('close', () => {
      if (!response.writableFinished) closedEarly += 1
    })
    const write = async (event: PlainEvent) => {
      if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' })
      return response.write(`event: ${SEALED_EVENT}\ndata: ${JSON.stringify(await seal(event))}\n\n`)
    }
    await script.play({ write, response, request })
  }

  const server = createServer(async (request, response) => {
    try {
      const nowSeconds = Math.floor(Date.now() / 1_000)
      const caller = await authenticate(domain, request.headers.authorization, account.address, nowSeconds)
      if (request.url === '/v1/streams') await openStream(request, response, caller)
      else {
        vouchers.push({ path: request.url!, body: JSON.parse(await text(request)), caller })
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}')
      }
    } catch (thrown) {
      const error = DuckMeshError.from(thrown)
      if (response.headersSent) response.destroy()
      else response.writeHead(error.status).end(JSON.stringify({ error: error.toWire() }))
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    opened,
    vouchers,
    script,
    /** Answers whose reader went away before their end. */
    closedEarly: () => closedEarly,
    sealKey: async (): Promise<SignedSealKey> => {
      const statement = { publicKey: keys.publicKey, validUntil: Math.floor(Date.now() / 1_000) + 3_600 }
      const typed = sealKeyTypedData(domain, { providerId, ...statement })
      return { ...statement, signature: await account.signTypedData(typed) }
    },
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function text(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request) body += chunk
  return body
}
