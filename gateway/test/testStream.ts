import type { ServerResponse } from 'node:http'
import {
  type Chunk,
  DuckMeshError,
  firstHead,
  type JobId,
  lastHead,
  nextHead,
  receiptTypedData,
  type Stream,
  type StreamEnd,
  type StreamFinishReason,
  type StreamRequest,
  streamCheckpointTypedData,
  streamPriceWei,
  stringifyWire,
} from '@duckmesh/protocol'
import { type Hex, zeroHash } from 'viem'
import { promptTokensOf, tokenAfter } from './testEngine.ts'
import type { TestProvider } from './testProvider.ts'

type Event = { name: 'chunk' | 'checkpoint' | 'pay' | 'end'; data: unknown; chunks: number }

/** One stream of a test provider. */
export class TestStream {
  readonly streamId: JobId
  readonly channelId: Hex
  end: StreamEnd | undefined
  readonly #provider: TestProvider
  readonly #stream: Stream
  readonly #request: StreamRequest
  readonly #events: Event[] = []
  readonly #promptTokens: number
  #tokens: number[] = []
  #chunks = 0
  #head: Hex
  #response: ServerResponse | undefined
  #sent = 0
  #goneAtMs = 0
  #isStopped = false
  #wakers: (() => void)[] = []

  constructor(provider: TestProvider, streamId: JobId, stream: Stream, request: StreamRequest) {
    this.#provider = provider
    this.streamId = streamId
    this.channelId = stream.channelId
    this.#stream = stream
    this.#request = request
    this.#head = firstHead(streamId)
    this.#promptTokens = promptTokensOf(request) + (provider.faults.extraPromptTokens ?? 0)
  }

  get #usage() {
    return { promptTokens: this.#promptTokens, completionTokens: this.#tokens.length }
  }

  /** Price so far, wei; nothing as long as nothing was given. */
  get amountWei(): bigint {
    return this.#chunks === 0 ? 0n : streamPriceWei(this.#stream, this.#usage)
  }

  wake(): void {
    for (const waker of this.#wakers.splice(0)) waker()
  }

  stop(): void {
    this.#isStopped = true
    this.#response?.destroy()
    this.wake()
  }

  /** Gives a client all after what it has, and what comes from now on. */
  attach(response: ServerResponse, afterChunks: number): void {
    const { faults, providerId } = this.#provider
    this.#response?.destroy()
    this.#response = response
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.on('close', () => {
      if (this.#response !== response) return
      this.#response = undefined
      this.#goneAtMs = Date.now()
      this.wake()
    })
    // what the client has is not sent again
    const next = this.#events.findIndex(
      ({ name, chunks }) =>
        name === 'end' || chunks > afterChunks || (name === 'pay' && chunks === afterChunks),
    )
    if (afterChunks === 0) this.#sent = 0
    else this.#sent = next === -1 ? this.#events.length : next
    if (this.end && faults.equivocates) {
      const end = this.#events.find(({ name }) => name === 'end')!
      void this.#provider.contradict(this).then(() => {
        end.data = this.end
        this.#flush()
      })
      write(response, 'open', { streamId: this.streamId, providerId, storedChunks: this.#chunks })
      return
    }
    write(response, 'open', {
      streamId: this.streamId,
      providerId: faults.saysProviderId ?? providerId,
      storedChunks: this.#chunks,
    })
    this.#cutMaybe(1)
    this.#flush()
    this.wake()
  }

  #written = 0
  #cutMaybe(events: number): void {
    const { faults } = this.#provider
    this.#written = events === 1 ? 1 : this.#written + 1
    if (faults.cutAfterEvents === undefined || this.#written < faults.cutAfterEvents) return
    if (faults.cuts !== undefined && faults.cuts-- <= 0) return
    const response = this.#response
    this.#response = undefined
    this.#goneAtMs = Date.now()
    // the bytes so far arrive, then the connection ends
    response?.write(': cut\n\n', () => response.destroy())
  }

  #flush(): void {
    while (this.#response && this.#sent < this.#events.length) {
      const { name, data } = this.#events[this.#sent++]!
      write(this.#response, name, data)
      if (name === 'end') this.#response.end()
      else this.#cutMaybe(0)
    }
  }

  #give(name: Event['name'], data: unknown): void {
    this.#events.push({ name, data, chunks: this.#chunks })
    this.#flush()
  }

  run(): void {
    this.#produce()
      .catch((thrown: unknown) => this.#finish('error', DuckMeshError.from(thrown)))
      .catch((thrown: unknown) => {
        if (!this.#isStopped) throw thrown
      })
  }

  async #produce(): Promise<void> {
    const request = this.#request
    const { faults, checkpointTokens } = this.#provider
    if (!('maxTokens' in request)) throw new DuckMeshError('BAD_REQUEST', 'only text')
    if ((faults.endsBusyTimes ?? 0) > 0) {
      faults.endsBusyTimes! -= 1
      throw new DuckMeshError('EXECUTOR_BUSY', 'No slot came free.', { retryAfterMs: 20 })
    }
    await pause(faults.firstChunkMs)
    if (faults.hugeEvent) this.#response?.write(`event: chunk\ndata: ${'x'.repeat(faults.hugeEvent)}`)
    if (faults.rawChunk) this.#response?.write(`event: chunk\ndata: ${faults.rawChunk}\n\n`)
    if (faults.hugeEvent || faults.rawChunk) return
    while (faults.onlyComments && !this.#isStopped && this.#response) {
      this.#response.write(': still here\n\n')
      await pause(50)
    }
    for (;;) {
      if (this.#isStopped) return
      if (this.#tokens.length >= request.maxTokens && !faults.isNeverEnding) return this.#finish('length')
      if (faults.stopsAfter === this.#chunks) return this.#finish(faults.callsTools ? 'tool_calls' : 'stop')
      if (faults.silentAfter === this.#chunks) return
      if (faults.failsAfter === this.#chunks) throw new DuckMeshError('EXECUTOR_FAILED', 'the engine broke')
      if (!(await this.#attended())) return this.#finish('cut')
      if (!(await this.#isPaid())) return this.#finish('unpaid')
      const { token, text } = tokenAfter(request, [...request.continueFrom, ...this.#tokens])
      const index = this.#chunks + (faults.skipsIndex && this.#chunks > 1 ? 1 : 0)
      const scored = faults.hidesTokens ? { tokens: [], logprobs: [] } : { tokens: [token], logprobs: [-0.5] }
      const chunk: Chunk = { index, text, ...scored }
      this.#tokens.push(token)
      this.#head = nextHead(this.#head, chunk)
      this.#chunks += 1
      if (faults.falseHeadAt === this.#chunks) this.#head = zeroHash
      this.#give('chunk', chunk)
      if (this.#chunks % checkpointTokens === 0) await this.#checkpoint()
      await pause(faults.chunkMs)
    }
  }

  /** Waits for a client; false when it stays away. */
  async #attended(): Promise<boolean> {
    while (!this.#response && !this.#isStopped) {
      const leftMs = this.#goneAtMs + this.#provider.resumeMs - Date.now()
      if (leftMs <= 0) return false
      await Promise.race([this.#woken(), pause(leftMs)])
    }
    return !this.#isStopped
  }

  async #isPaid(): Promise<boolean> {
    const provider = this.#provider
    const account = provider.accounts.get(this.channelId)!
    const nextWei = streamPriceWei(this.#stream, {
      promptTokens: this.#promptTokens,
      completionTokens: this.#tokens.length + 1,
    })
    const untilMs = Date.now() + provider.payMs
    let hasAsked = false
    for (;;) {
      const needWei = provider.owedWei(this.channelId) - this.amountWei + nextWei
      if (needWei > account.fundedWei)
        account.fundedWei = (await provider.chain.channelOf(this.channelId)).fundedWei
      if (needWei <= account.voucherWei && needWei <= account.fundedWei) return true
      if (!hasAsked) {
        if (this.#chunks > 0) await this.#checkpoint()
        this.#give('pay', { needWei, untilMs })
        hasAsked = true
      }
      if (Date.now() > untilMs || this.#isStopped) return false
      await Promise.race([this.#woken(), pause(100)])
    }
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => this.#wakers.push(resolve))
  }

  get #stated() {
    const { faults, providerId } = this.#provider
    return {
      providerId: faults.saysProviderId ?? providerId,
      ...this.#usage,
      amountWei: this.amountWei + (faults.extraWei ?? 0n),
    }
  }

  get #signer() {
    const { faults, identity } = this.#provider
    return (faults.signsWithOwner ? identity.owner : identity.signer) as typeof identity.signer
  }

  async #checkpoint(): Promise<void> {
    const { domain } = this.#provider.chain
    const at = Math.floor(Date.now() / 1_000)
    const checkpoint = {
      streamId: this.streamId,
      chunks: this.#chunks,
      head: this.#head,
      at,
      ...this.#stated,
    }
    const signature = await this.#signer.signTypedData(streamCheckpointTypedData(domain, checkpoint))
    const { repeatsCheckpoint = 1 } = this.#provider.faults
    for (let times = 0; times < repeatsCheckpoint; times++)
      this.#give('checkpoint', { checkpoint, signature })
  }

  async #finish(finishReason: StreamFinishReason, error?: DuckMeshError): Promise<void> {
    const { chain, faults } = this.#provider
    const { domain } = chain
    const account = this.#provider.accounts.get(this.channelId)!
    const nowSeconds = Math.floor(Date.now() / 1_000)
    const receipt = {
      jobId: this.streamId,
      outputHash: lastHead(this.#head, faults.signsReason ?? finishReason),
      assignmentHash: zeroHash,
      startedAt: nowSeconds,
      finishedAt: nowSeconds,
      ...this.#stated,
    }
    const signature = await this.#signer.signTypedData(receiptTypedData(domain, receipt))
    account.endedWei += receipt.amountWei
    const owedWei = this.#provider.owedWei(this.channelId) * (this.#provider.faults.owedTimes ?? 1n)
    this.end = {
      finishReason,
      chunks: this.#chunks,
      receipt: { receipt, signature },
      owedWei,
      ...(error ? { error: error.toWire() } : {}),
    }
    // `owedWei` above counts running streams, and this one has ended only now
    this.end.owedWei -= this.amountWei * (this.#provider.faults.owedTimes ?? 1n)
    this.#give('end', this.end)
  }
}

const write = (response: ServerResponse, name: string, data: unknown): void => {
  response.write(`event: ${name}\ndata: ${stringifyWire(data)}\n\n`)
}

const pause = (ms = 0): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref())
