import {
  type Chunk,
  DuckMeshError,
  firstHead,
  isSignedBy,
  type JobId,
  lastHead,
  type MeshDomain,
  nextHead,
  type ProviderId,
  promptTokensBound,
  receiptTypedData,
  type SignedCheckpoint,
  type StreamEnd,
  type StreamPrice,
  type StreamRequest,
  type StreamUsage,
  streamAmountWei,
  streamCheckpointTypedData,
} from '@duckmesh/protocol'
import { type Address, type Hex, zeroHash } from 'viem'

/** What a stream is checked against: all of it is the buyer's own or from the chain. */
export type StreamFacts = {
  domain: MeshDomain
  streamId: JobId
  providerId: ProviderId
  /** As registered on chain. */
  signingKey: Address
  price: StreamPrice
  request: StreamRequest
  /** Whether its engine tells token ids, as the provider offers. */
  givesTokens: boolean
  /** Whether every token must come with its log-probability. */
  needsLogprobs: boolean
}

/** Most UTF-16 units that the text of one token has, far above any tokenizer's longest. */
const MAX_TOKEN_CHARACTERS = 2_048
/** Chunks without a token of their own that an engine may add, e.g. to end a character or a tool call. */
const SPARE_CHUNKS = 64
/** Statements beyond two for each chunk: those by time, and those that come again after a cut. */
const SPARE_STATEMENTS = 256

/** Checks a stream as it comes; the first thing that does not fit throws `STREAM_INVALID` and nothing after it counts. */
export class StreamVerifier {
  readonly facts: StreamFacts
  /** Head after n chunks, by n. */
  readonly #heads: Hex[]
  /** Tokens after n chunks, by n. */
  readonly #tokens: number[] = [0]
  readonly #maxTokens: number
  #promptTokens: number | undefined
  #completionTokens = 0
  #characters = 0
  #embeddings = 0
  #statements = 0

  constructor(facts: StreamFacts) {
    this.facts = facts
    this.#heads = [firstHead(facts.streamId)]
    this.#maxTokens = 'maxTokens' in facts.request ? facts.request.maxTokens : 0
  }

  /** Chunks so far. */
  get chunks(): number {
    return this.#heads.length - 1
  }

  /** Whether an answer came without its tokens: then nobody else can go on from it. */
  get hidesTokens(): boolean {
    return this.#maxTokens > 0 && this.#tokens.at(-1) === 0 && this.chunks > 0
  }

  /** What was used, by statements and by count, whichever is more. */
  get usage(): StreamUsage {
    const promptTokens = this.#promptTokens ?? 0
    return { promptTokens, completionTokens: Math.max(this.#completionTokens, this.#tokens.at(-1)!) }
  }

  /** Most that what came so far can cost, DUCK wei: the prompt by its bound as long as no statement has said its length. */
  get countedWei(): bigint {
    const { price, request } = this.facts
    const promptTokens = this.#promptTokens ?? promptTokensBound(request)
    return streamAmountWei(
      price,
      { promptTokens, completionTokens: this.usage.completionTokens },
      this.chunks,
    )
  }

  /** Checks the next chunk. @throws DuckMeshError `STREAM_INVALID` */
  take(chunk: Chunk): void {
    const { request, needsLogprobs } = this.facts
    const { index, text, tokens, logprobs, topLogprobs, toolCalls, embeddings = [] } = chunk
    this.#check(index === this.chunks, 'index', { index, expected: this.chunks })
    const isScored = logprobs.length === tokens.length
    this.#check(isScored || (logprobs.length === 0 && !needsLogprobs), 'logprobs')
    this.#check(!topLogprobs || topLogprobs.length === tokens.length, 'topLogprobs')
    this.#check(!toolCalls || this.#knowsTools, 'toolCalls')
    this.#characters += text.length
    this.#embeddings += embeddings.length
    const total = this.#tokens.at(-1)! + tokens.length
    this.#check(total <= this.#maxTokens, 'tokens', { total, maxTokens: this.#maxTokens })
    if (request.api === 'embedding') {
      this.#check(this.#embeddings <= request.input.length, 'embeddings')
    } else if (this.#maxTokens > 0) {
      this.#check(this.#characters <= (this.#maxTokens + 1) * MAX_TOKEN_CHARACTERS, 'text')
      this.#check(index < this.#maxTokens + SPARE_CHUNKS, 'index', { index, maxTokens: this.#maxTokens })
    } else {
      this.#check(index < SPARE_CHUNKS, 'index', { index })
    }
    this.#heads.push(nextHead(this.#heads.at(-1)!, chunk))
    this.#tokens.push(total)
  }

  /** Counts checkpoints and asks for pay, each of which costs this side a signature. @throws DuckMeshError `STREAM_INVALID` */
  noteStatement(): void {
    this.#statements += 1
    this.#check(this.#statements <= 2 * this.chunks + SPARE_STATEMENTS, 'statements', { chunks: this.chunks })
  }

  /** Checks a checkpoint, which may be about fewer chunks than have come. @throws DuckMeshError `STREAM_INVALID` */
  async checkpoint({ checkpoint, signature }: SignedCheckpoint): Promise<void> {
    const { domain, streamId, providerId } = this.facts
    this.#check(checkpoint.streamId === streamId, 'checkpoint.streamId')
    this.#check(checkpoint.providerId === providerId, 'checkpoint.providerId')
    this.#check(checkpoint.chunks <= this.chunks, 'checkpoint.chunks')
    this.#check(checkpoint.head === this.#heads[checkpoint.chunks], 'checkpoint.head')
    this.#usage(checkpoint, checkpoint.chunks, 'checkpoint')
    await this.#signedBy(
      { ...streamCheckpointTypedData(domain, checkpoint), signature },
      'checkpoint.signature',
    )
    this.#accept(checkpoint)
  }

  /** Checks the end with its receipt, which must be about all chunks and this reason to end. @throws DuckMeshError `STREAM_INVALID` */
  async end({ finishReason, chunks, receipt: { receipt, signature } }: StreamEnd): Promise<void> {
    const { domain, streamId, providerId, request } = this.facts
    this.#check(chunks === this.chunks, 'end.chunks', { chunks, have: this.chunks })
    this.#check(receipt.jobId === streamId, 'receipt.jobId')
    this.#check(receipt.providerId === providerId, 'receipt.providerId')
    const outputHash = lastHead(this.#heads.at(-1)!, finishReason)
    this.#check(receipt.outputHash === outputHash, 'receipt.outputHash')
    this.#check(receipt.assignmentHash === zeroHash, 'receipt.assignmentHash')
    this.#check(receipt.startedAt <= receipt.finishedAt, 'receipt.finishedAt')
    this.#usage(receipt, chunks, 'receipt')
    this.#check(finishReason !== 'tool_calls' || this.#knowsTools, 'end.finishReason')
    const isWhole = finishReason === 'stop' || finishReason === 'length'
    if (request.api === 'embedding' && isWhole) {
      this.#check(this.#embeddings === request.input.length, 'embeddings')
    }
    await this.#signedBy({ ...receiptTypedData(domain, receipt), signature }, 'receipt.signature')
    this.#accept(receipt)
  }

  /** Whether the engine was told of any tool that it could call. */
  get #knowsTools(): boolean {
    const { request } = this.facts
    return request.api === 'chat' && (request.tools?.length ?? 0) > 0
  }

  #usage(stated: StreamUsage & { amountWei: bigint }, chunks: number, where: string): void {
    const { price, request } = this.facts
    const { promptTokens, completionTokens, amountWei } = stated
    const most = promptTokensBound(request)
    this.#check(promptTokens <= most, `${where}.promptTokens`, { promptTokens, most })
    const isSame = this.#promptTokens === undefined || promptTokens === this.#promptTokens
    this.#check(isSame, `${where}.promptTokens`, { promptTokens, before: this.#promptTokens })
    const counted = this.#tokens[chunks]!
    const isCounted = this.facts.givesTokens || counted > 0
    const fits = isCounted ? completionTokens === counted : completionTokens <= this.#maxTokens
    this.#check(fits, `${where}.completionTokens`, { completionTokens, counted })
    const expectedWei = streamAmountWei(price, stated, chunks)
    this.#check(amountWei === expectedWei, `${where}.amountWei`, {
      amountWei: String(amountWei),
      expectedWei: String(expectedWei),
    })
  }

  async #signedBy(signed: Parameters<typeof isSignedBy>[0], field: string): Promise<void> {
    const { signingKey } = this.facts
    this.#check(await isSignedBy(signed, signingKey), field, { signingKey })
  }

  #accept({ promptTokens, completionTokens }: StreamUsage): void {
    this.#promptTokens = promptTokens
    this.#completionTokens = Math.max(this.#completionTokens, completionTokens)
  }

  #check(holds: boolean, field: string, found: Record<string, unknown> = {}): void {
    if (holds) return
    const { streamId, providerId } = this.facts
    const message = `Provider ${providerId} sent a stream that does not fit: ${field}.`
    throw new DuckMeshError('STREAM_INVALID', message, { streamId, providerId, field, ...found })
  }
}
