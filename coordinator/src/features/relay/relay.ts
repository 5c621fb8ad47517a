import {
  DuckMeshError,
  type JobId,
  nodeRoutes,
  type ProviderId,
  type relayBodySchema,
  routePath,
  type streamVoucherBodySchema,
  stringifyWire,
} from '@duckmesh/protocol'
import { z } from 'zod'
import type { Container } from '../../container.ts'
import type { OutboundAnswer } from '../../ports/outbound.ts'
import { sealedLines } from './sealedLines.ts'

/** Who asks for a relay. */
export type RelayCall = {
  /** Address of the client, which its places are counted by. */
  client: string
  /** Fires when the client goes away, and when its answer has ended. */
  signal: AbortSignal
  /** Whether the call came from a relay. */
  isRelayed: boolean
}

/** Longest answer that is not a stream, bytes. */
const MAX_PLAIN_BYTES = 16_384

const errorBodySchema = z.object({
  error: z.object({
    code: z.string().max(64),
    message: z.string(),
    hint: z.string().default(''),
    retryable: z.boolean().default(false),
    actor: z.string().default('provider'),
    details: z.record(z.string(), z.unknown()).default({}),
  }),
})

/**
 * Hands a sealed request to its provider and gives the sealed answer back as it comes. Nothing of either is kept or
 * logged, and neither can be read here.
 * @returns the answer; the place of the call is free again when its signal fires, which it does at every end
 * @throws DuckMeshError `BAD_REQUEST` for another provider's channel, `PROVIDER_OFFLINE`, `RATE_LIMITED`,
 * `UPSTREAM_ERROR`, or what the provider refused it with
 */
export async function relayStream(
  container: Container,
  providerId: ProviderId,
  body: z.output<typeof relayBodySchema>,
  call: RelayCall,
): Promise<AsyncGenerator<string>> {
  if (body.channel.providerId !== providerId) {
    throw new DuckMeshError('BAD_REQUEST', 'The channel is one to another provider.', { providerId })
  }
  const release = container.relaySlots.take(call.client)
  call.signal.addEventListener('abort', release, { once: true })
  if (call.signal.aborted) release()
  const answer = await post(container, providerId, nodeRoutes.openStream.path, body, call)
  if (answer.mediaType !== 'text/event-stream') {
    throw new DuckMeshError('UPSTREAM_ERROR', 'The provider gave no stream.', { type: answer.mediaType })
  }
  return sealedLines(answer.chunks)
}

/**
 * Hands a larger voucher to the provider of a stream. It carries no session of the payer: the voucher is signed.
 * @throws DuckMeshError `PROVIDER_OFFLINE`, `UPSTREAM_ERROR`, or what the provider refused it with
 */
export async function relayVoucher(
  container: Container,
  providerId: ProviderId,
  streamId: JobId,
  body: z.output<typeof streamVoucherBodySchema>,
  call: RelayCall,
): Promise<void> {
  const { chunks } = await post(
    container,
    providerId,
    routePath(nodeRoutes.payStream, { streamId }),
    body,
    call,
  )
  await readText(chunks)
}

async function post(
  container: Container,
  providerId: ProviderId,
  path: string,
  body: unknown,
  { signal, isRelayed }: RelayCall,
): Promise<OutboundAnswer> {
  if (isRelayed) throw new DuckMeshError('BAD_REQUEST', 'A relay does not relay to a relay.')
  const { config, outbound, relaySessions } = container
  const url = new URL(`${await endpointOf(container, providerId)}${path}`)
  const ending = AbortSignal.any([signal, AbortSignal.timeout(config.RELAY_MAX_MS)])
  const bounds = { signal: ending, idleMs: config.RELAY_IDLE_MS }
  const authorization = await relaySessions.authorization(providerId)
  const answer = await outbound.post(url, stringifyWire(body), authorization, bounds)
  if (answer.status === 200) return answer
  if (answer.status === 401) relaySessions.forget(providerId)
  const parsed = errorBodySchema.safeParse(parseJson(await readText(answer.chunks)))
  if (parsed.success) throw DuckMeshError.fromWire(parsed.data.error)
  throw new DuckMeshError('UPSTREAM_ERROR', 'The provider refused in a form unknown here.', {
    status: answer.status,
  })
}

/** Where a provider that is online is served: the address that it has announced under its own session, and no other. */
async function endpointOf({ store, clock, config }: Container, providerId: ProviderId): Promise<string> {
  const node = (await store.nodes()).find((one) => one.providerId === providerId)
  if (!node?.endpoint || node.lastSeenAtMs < clock.nowMs() - config.NODE_TIMEOUT_MS) {
    throw new DuckMeshError('PROVIDER_OFFLINE', 'This provider is not online with an endpoint.', {
      providerId,
    })
  }
  return node.endpoint.replace(/\/+$/, '')
}

/** Text of a short answer. @throws DuckMeshError `UPSTREAM_ERROR` when it is long */
async function readText(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of chunks) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length > MAX_PLAIN_BYTES) throw new DuckMeshError('UPSTREAM_ERROR', 'The answer is too long.')
  }
  return text
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // the schema refuses undefined like any other form
  }
}
