import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  authenticate,
  type ChannelBooks,
  channelIdOf,
  DuckMeshError,
  hashCanonical,
  type NodeOffer,
  type Providers,
  parseDuck,
  receiptTypedData,
  recover,
  type StreamBody,
  streamBodySchema,
  streamIdOf,
  streamVoucherBodySchema,
  stringifyWire,
  voucherTypedData,
} from '@duckmesh/protocol'
import { concat, type Hex, zeroHash } from 'viem'
import type { Faults } from './faults.ts'
import type { TestChain, TestIdentity } from './testChain.ts'
import { TestStream } from './testStream.ts'

export const price = { requestWei: 1_000n, promptTokenWei: 100n, tokenWei: 1_000n }

/** A channel as the test provider keeps it. */
type Account = {
  config: StreamBody['channel']
  fundedWei: bigint
  claimedWei: bigint
  voucherWei: bigint
  signature: Hex
  endedWei: bigint
}

/** A small provider: real HTTP, real signatures, real claims, and an engine that is simulated by a hash. */
export class TestProvider {
  readonly identity: TestIdentity
  readonly chain: TestChain
  readonly streams = new Map<Hex, TestStream>()
  readonly accounts = new Map<Hex, Account>()
  faults: Faults = {}
  /** How it is offered. */
  offer: Partial<NonNullable<NodeOffer['streaming']>> = {}
  /** Fields of `GET /v1/providers` that differ. */
  listing: Partial<Providers['providers'][number]> = {}
  model = 'duck'
  /** How long it waits for a voucher, and for a client to come back, ms. */
  payMs = 2_000
  resumeMs = 500
  checkpointTokens = 4
  /** Requests that it answered, by path. */
  readonly asked: string[] = []
  /** Connections that it accepted. */
  connections = 0
  readonly #server: Server
  #port = 0

  private constructor(chain: TestChain, identity: TestIdentity) {
    this.chain = chain
    this.identity = identity
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((thrown) => refuse(response, DuckMeshError.from(thrown)))
    })
    this.#server.on('connection', () => {
      this.connections += 1
    })
  }

  static async start(chain: TestChain, index: number): Promise<TestProvider> {
    const provider = new TestProvider(chain, await chain.register(index))
    await provider.listen()
    return provider
  }

  /** Listens again after `stop`, at the same place. */
  async listen(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return
    for (const stream of this.streams.values()) stream.stop()
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }

  get providerId(): number {
    return this.identity.providerId
  }

  get profile(): NodeOffer['profile'] {
    return {
      model: hashCanonical(this.model).slice(2),
      name: this.model,
      quantisation: 'none',
      tokenizer: 'hash',
      sampler: { topK: 0, topP: 1, minP: 0 },
      engine: 'simulated@1',
      kernelClass: 'any',
      contextTokens: 4_096,
    }
  }

  /** As a coordinator lists it. */
  get listed(): Providers['providers'][number] {
    const streaming = {
      apis: ['chat' as const, 'completion' as const],
      givesLogprobs: true,
      ...price,
      strangerCapWei: 5_000n,
      slots: 8,
      busy: 0,
      ...this.offer,
    }
    return {
      providerId: this.providerId,
      owner: this.identity.owner.address,
      signingKey: this.identity.signer.address,
      stakedWei: parseDuck('500'),
      lockedWei: 0n,
      isActive: true,
      isOnline: true,
      lastSeenAtMs: Date.now(),
      endpoint: `http://127.0.0.1:${this.#port}`,
      policies: [hashCanonical(this.profile)],
      capacity: 8,
      activeJobs: 0,
      offers: [{ profile: this.profile, minPriceWei: 1n, streaming }],
      sealKey: null,
      ...this.listing,
    }
  }

  /** What a channel owes: ended streams, and running ones up to their last chunk. */
  owedWei(channelId: Hex): bigint {
    const running = [...this.streams.values()].filter(
      (stream) => stream.channelId === channelId && stream.end === undefined,
    )
    return running.reduce(
      (sum, { amountWei }) => sum + amountWei,
      this.accounts.get(channelId)?.endedWei ?? 0n,
    )
  }

  /** Claims what every channel owes, or `wei` of each. @returns what was claimed, gross, wei */
  async claim(wei?: bigint): Promise<bigint> {
    const { signer } = this.identity
    const open = [...this.accounts].filter(([id, account]) => this.owedWei(id) > account.claimedWei || wei)
    if (open.length === 0) return 0n
    const claims = open.map(([id, { config, voucherWei }]) => ({
      config,
      maxCumulativeWei: voucherWei,
      cumulativeWei: wei ?? this.owedWei(id),
    }))
    const signatures = concat(open.map(([, { signature }]) => signature))
    await this.chain.client.setBalance({ address: signer.address, value: 10n ** 18n })
    await this.chain.call(signer, this.chain.mesh, 'claim', [this.providerId, claims, signatures])
    let sumWei = 0n
    for (const [id, account] of open) {
      const { claimedWei } = await this.chain.channelOf(id)
      sumWei += claimedWei - account.claimedWei
      account.claimedWei = claimedWei
    }
    return sumWei
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? ''
    this.asked.push(`${request.method} ${path}`)
    const { domain } = this.chain
    const { signer } = this.identity
    await authenticate(domain, request.headers.authorization, signer.address, Math.floor(Date.now() / 1_000))
    const [, , kind, id, more] = path.split('/') as [string, string, string, Hex, string]
    if (kind === 'channels') return sendJson(response, this.#books(id))
    const body = JSON.parse(await textOf(request))
    if (kind === 'streams' && more === 'voucher') {
      const { voucher } = streamVoucherBodySchema.parse(body)
      const stream = this.streams.get(id)
      if (!stream) throw new DuckMeshError('NOT_FOUND', 'There is no such stream.')
      await this.#accept(stream.channelId, voucher)
      stream.wake()
      return sendJson(response, {})
    }
    await this.#openStream(streamBodySchema.parse(body), response)
  }

  async #openStream(body: StreamBody, response: ServerResponse): Promise<void> {
    const { stream, channel, voucher, request, afterChunks } = body
    const { domain } = this.chain
    const streamId = streamIdOf(domain, stream)
    const known = this.streams.get(streamId)
    if ((this.faults.busyTimes ?? 0) > 0 && !known) {
      this.faults.busyTimes! -= 1
      throw new DuckMeshError('EXECUTOR_BUSY', 'All slots are taken.', { retryAfterMs: 50 })
    }
    if ((this.faults.tooManyTimes ?? 0) > 0 && !known) {
      this.faults.tooManyTimes! -= 1
      return void response.writeHead(429, { 'retry-after': '0' }).end('slow down')
    }
    const isCrowded = [...this.streams.values()].some((one) => one.channelId === stream.channelId && !one.end)
    if (this.faults.wantsMore || (isCrowded && (this.faults.crowdedTimes ?? 0) > 0)) {
      this.faults.crowdedTimes = (this.faults.crowdedTimes ?? 0) - 1
      throw new DuckMeshError('VOUCHER_TOO_LOW', 'Others wait for more.')
    }
    if (channelIdOf(domain, channel) !== stream.channelId)
      throw new DuckMeshError('BAD_REQUEST', 'other channel')
    if (channel.providerId !== this.providerId) throw new DuckMeshError('BAD_REQUEST', 'other provider')
    if (!this.accounts.has(stream.channelId)) {
      this.accounts.set(stream.channelId, {
        config: channel,
        fundedWei: 0n,
        claimedWei: 0n,
        voucherWei: 0n,
        signature: zeroHash,
        endedWei: 0n,
      })
    }
    const account = this.accounts.get(stream.channelId)!
    const onChain = await this.chain.channelOf(stream.channelId)
    if (onChain.fundedWei === 0n) throw new DuckMeshError('CHANNEL_UNKNOWN', 'not opened')
    if (onChain.closableAfter > 0) throw new DuckMeshError('CHANNEL_CLOSING', 'closing')
    account.fundedWei = onChain.fundedWei
    await this.#accept(stream.channelId, voucher)
    if (known) return known.attach(response, afterChunks)
    if (!request || hashCanonical(request) !== stream.requestHash) {
      throw new DuckMeshError('BAD_REQUEST', 'The request is missing or another one.')
    }
    if (stream.expiresAt < Date.now() / 1_000) throw new DuckMeshError('ORDER_EXPIRED', 'too late')
    const { requestWei, promptTokenWei, tokenWei } = this.listed.offers[0]!.streaming!
    if (
      stream.requestWei < requestWei ||
      stream.promptTokenWei < promptTokenWei ||
      stream.tokenWei < tokenWei
    ) {
      throw new DuckMeshError('STREAM_PRICE', 'The price is another one.')
    }
    const begun = new TestStream(this, streamId, stream, request)
    this.streams.set(streamId, begun)
    begun.attach(response, afterChunks)
    begun.run()
  }

  async #accept(channelId: Hex, { maxCumulativeWei, signature }: StreamBody['voucher']): Promise<void> {
    const account = this.accounts.get(channelId)!
    const typed = voucherTypedData(this.chain.domain, { channelId, maxCumulativeWei })
    const signerOf = await recover({ ...typed, signature })
    if (signerOf !== account.config.payerKey) throw new DuckMeshError('BAD_SIGNATURE', 'no voucher')
    if (maxCumulativeWei > account.voucherWei)
      Object.assign(account, { voucherWei: maxCumulativeWei, signature })
  }

  #books(channelId: Hex): ChannelBooks {
    const account = this.accounts.get(channelId)
    if (!account) throw new DuckMeshError('CHANNEL_UNKNOWN', 'There is no such channel.', { channelId })
    const open = [...this.streams.values()].filter((one) => one.channelId === channelId && !one.end)
    return {
      channelId,
      providerId: this.providerId,
      fundedWei: account.fundedWei,
      claimedWei: account.claimedWei,
      closableAfter: 0,
      owedWei: this.owedWei(channelId) * (this.faults.owedTimes ?? 1n),
      voucherWei: account.voucherWei,
      openStreams: open.map(({ streamId }) => streamId),
    }
  }

  /** A second receipt for a stream that has one. */
  async contradict(stream: TestStream): Promise<void> {
    const { receipt } = stream.end!.receipt
    const other = { ...receipt, finishedAt: receipt.finishedAt + 1, outputHash: zeroHash }
    const signature = await this.identity.signer.signTypedData(receiptTypedData(this.chain.domain, other))
    stream.end = { ...stream.end!, receipt: { receipt: other, signature } }
  }
}

const sendJson = (response: ServerResponse, value: unknown, status = 200): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(stringifyWire(value))
}

const refuse = (response: ServerResponse, error: DuckMeshError): void => {
  if (response.headersSent) response.destroy()
  else sendJson(response, { error: error.toWire() }, error.status)
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const piece of request) text += piece
  return text
}
