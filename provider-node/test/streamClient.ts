import {
  type ChannelBooks,
  type ChannelConfig,
  type Chunk,
  channelBooksSchema,
  channelIdOf,
  DuckMeshError,
  firstHead,
  hashCanonical,
  type JobId,
  nextHead,
  nodeRoutes,
  routePath,
  type Stream,
  type StreamEnd,
  type StreamOffer,
  type StreamRequest,
  sessionHeader,
  sessionTypedData,
  streamCeilingWei,
  streamEventSchemas,
  streamIdOf,
  stringifyWire,
  voucherTypedData,
  type WireError,
} from '@duckmesh/protocol'
import { type Address, type Hex, type LocalAccount, toHex } from 'viem'
import type { TestMesh } from './deployMesh.ts'
import { parseServerSentEvents, type ServerSentEvent } from './serverSentEvents.ts'
import { expect, StreamChecker } from './streamChecker.ts'

let nonce = 0n
let salt = 0n

export const completion = (
  fields: Partial<Extract<StreamRequest, { api: 'completion' }>> = {},
): StreamRequest => ({
  api: 'completion',
  prompt: 'Once upon a time',
  maxTokens: 24,
  temperature: 0,
  topP: 1,
  seed: 1,
  stop: [],
  topLogprobs: 0,
  continueFrom: [],
  ...fields,
})

/** What a stream gave, checked on the way. */
export type Given = {
  streamId: JobId
  events: string[]
  chunks: Chunk[]
  text: string
  checkpoints: number
  /** Largest amount that the provider signed for, DUCK wei. */
  statedWei: bigint
  pays: bigint[]
  end: StreamEnd | undefined
}

/** How a client takes part in a stream. */
export type TakePart = {
  /** Voucher sent with the stream; the whole ceiling on top of what is owed, if left out. */
  voucherWei?: bigint
  /** What to pay when asked; what is needed, if left out. Undefined pays nothing. */
  pay?: (needWei: bigint) => bigint | undefined
  afterChunks?: number
  /** Head after the chunks that this client has already. */
  head?: Hex
  /** Called with every event; `false` hangs up. */
  on?: (name: string, given: Given) => boolean | undefined | Promise<boolean | undefined>
  signal?: AbortSignal
}

/** A buyer of the streaming lane that trusts nothing: it checks every index, head, amount and signature. */
export class StreamClient {
  readonly mesh: TestMesh
  readonly payer: LocalAccount
  readonly payerKey: LocalAccount
  readonly signingKey: Address
  url: () => string
  readonly config: ChannelConfig
  readonly channelId: Hex
  /** What streams of this channel cost, by their receipts, DUCK wei. */
  owedWei = 0n

  constructor(options: {
    mesh: TestMesh
    payer: LocalAccount
    payerKey?: LocalAccount
    signingKey: Address
    providerId: number
    url: () => string
    withdrawDelay?: number
  }) {
    this.mesh = options.mesh
    this.payer = options.payer
    this.payerKey = options.payerKey ?? options.payer
    this.signingKey = options.signingKey
    this.url = options.url
    salt += 1n
    this.config = {
      payer: this.payer.address,
      payerKey: this.payerKey.address,
      providerId: options.providerId,
      withdrawDelay: options.withdrawDelay ?? 3_600,
      salt: toHex(salt + BigInt(process.pid) * 1_000_000n, { size: 32 }),
    }
    this.channelId = channelIdOf(this.mesh.domain, this.config)
  }

  async openChannel(amountWei: bigint): Promise<void> {
    await this.mesh.send(this.payer, 'openChannel', [this.config, amountWei])
  }

  onChain() {
    return this.mesh.channel(this.channelId)
  }

  async voucher(maxCumulativeWei: bigint, signer: LocalAccount = this.payerKey, channelId = this.channelId) {
    const voucher = { channelId, maxCumulativeWei }
    return {
      maxCumulativeWei,
      signature: await signer.signTypedData(voucherTypedData(this.mesh.domain, voucher)),
    }
  }

  async session(account: LocalAccount = this.payerKey): Promise<string> {
    const session = {
      account: account.address,
      audience: this.signingKey,
      expiresAt: Math.floor(Date.now() / 1_000) + 600,
    }
    return sessionHeader(session, await account.signTypedData(sessionTypedData(this.mesh.domain, session)))
  }

  stream(offer: StreamOffer, policy: Hex, request: StreamRequest, fields: Partial<Stream> = {}): Stream {
    nonce += 1n
    return {
      channelId: this.channelId,
      requestHash: hashCanonical(request),
      policy,
      mode: 0,
      requestWei: offer.requestWei,
      promptTokenWei: offer.promptTokenWei,
      tokenWei: offer.tokenWei,
      nonce,
      expiresAt: Math.floor(Date.now() / 1_000) + 300,
      ...fields,
    }
  }

  /** Posts a body to begin a stream, whatever it is. */
  async post(body: unknown, signal?: AbortSignal, account?: LocalAccount): Promise<Response> {
    return fetch(this.url() + nodeRoutes.openStream.path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: await this.session(account) },
      body: typeof body === 'string' ? body : stringifyWire(body),
      ...(signal && { signal }),
    })
  }

  /** Runs a stream to its end, or until `on` hangs up. @throws DuckMeshError of the provider */
  async run(stream: Stream, request: StreamRequest, part: TakePart = {}): Promise<Given> {
    const voucherWei = part.voucherWei ?? this.owedWei + streamCeilingWei(stream, request)
    const hangUp = new AbortController()
    const signal = AbortSignal.any([hangUp.signal, ...(part.signal ? [part.signal] : [])])
    const voucher = await this.voucher(voucherWei)
    const body = { stream, channel: this.config, voucher, request, afterChunks: part.afterChunks ?? 0 }
    const response = await this.post(body, signal)
    if (!response.ok) throw await wireError(response)
    const streamId = streamIdOf(this.mesh.domain, stream)
    const given: Given = {
      streamId,
      events: [],
      chunks: [],
      text: '',
      checkpoints: 0,
      statedWei: 0n,
      pays: [],
      end: undefined,
    }
    let head = part.head ?? firstHead(streamId)
    const check = new StreamChecker({
      domain: this.mesh.domain,
      signingKey: this.signingKey,
      stream,
      request,
    })
    for await (const event of parseServerSentEvents(response)) {
      head = await this.#take(event, given, head, check, part)
      if ((await part.on?.(event.name, given)) === false) {
        hangUp.abort()
        return given
      }
    }
    if (given.end) this.owedWei += given.end.receipt.receipt.amountWei
    return given
  }

  async pay(streamId: JobId, maxCumulativeWei: bigint, signer?: LocalAccount): Promise<ChannelBooks> {
    const response = await fetch(this.url() + routePath(nodeRoutes.payStream, { streamId }), {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: await this.session() },
      body: stringifyWire({ voucher: await this.voucher(maxCumulativeWei, signer) }),
    })
    if (!response.ok) throw await wireError(response)
    return channelBooksSchema.parse(await response.json())
  }

  async books(account?: LocalAccount): Promise<ChannelBooks> {
    const response = await fetch(this.url() + routePath(nodeRoutes.channel, { channelId: this.channelId }), {
      headers: { authorization: await this.session(account) },
    })
    if (!response.ok) throw await wireError(response)
    return channelBooksSchema.parse(await response.json())
  }

  async #take(
    event: ServerSentEvent,
    given: Given,
    head: Hex,
    check: StreamChecker,
    part: TakePart,
  ): Promise<Hex> {
    const { name, data } = event
    given.events.push(name)
    const json: unknown = JSON.parse(data)
    if (name === 'chunk') {
      const chunk = streamEventSchemas.chunk.parse(json)
      expect(chunk.index === (part.afterChunks ?? 0) + given.chunks.length, 'the index of a chunk')
      given.chunks.push(chunk)
      given.text += chunk.text
      return nextHead(head, chunk)
    }
    if (name === 'checkpoint') {
      given.statedWei = await check.checkpoint(streamEventSchemas.checkpoint.parse(json), head)
      given.checkpoints += 1
    } else if (name === 'pay') {
      const { needWei } = streamEventSchemas.pay.parse(json)
      given.pays.push(needWei)
      const amountWei = part.pay ? part.pay(needWei) : needWei
      if (amountWei !== undefined) await this.pay(given.streamId, amountWei)
    } else if (name === 'end') {
      const end = streamEventSchemas.end.parse(json)
      given.statedWei = await check.end(end, head)
      given.end = end
    } else {
      expect(
        name === 'open' && streamEventSchemas.open.parse(json).streamId === given.streamId,
        'the first event',
      )
    }
    return head
  }
}

async function wireError(response: Response): Promise<DuckMeshError> {
  const { error } = (await response.json()) as { error: WireError }
  return DuckMeshError.fromWire(error)
}
