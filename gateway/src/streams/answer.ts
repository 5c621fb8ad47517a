import type {
  Chunk,
  ProviderId,
  SignedCheckpoint,
  SignedReceipt,
  StreamFinishReason,
  StreamRequest,
} from '@duckmesh/protocol'
import type { BuyerResult } from '../buyer.ts'
import type { StreamRecord } from '../ports/purseStore.ts'
import type { AttemptEnd } from './attempt.ts'
import type { Contender } from './contender.ts'
import { continuationOf, type Given, givenAfter, nothingGiven } from './continuation.ts'

/** What the provider of a stream has proved so far. */
export type Proven = Pick<StreamRecord, 'amountWei' | 'checkpoint'>

type Part = {
  contender: Contender
  /** Tokens of the answer that were given before it began: they are part of its prompt. */
  givenBefore: number
  costWei: bigint
  receipt: SignedReceipt | undefined
  checkpoint: SignedCheckpoint | null
}

/** One answer, as far as it has come, over all providers that had a part in it. */
export class Answer {
  readonly #request: StreamRequest
  readonly #parts: Part[] = []
  #given: Given = nothingGiven

  constructor(request: StreamRequest) {
    this.#request = request
  }

  /** What the next provider is asked; undefined when nobody can go on. */
  get request(): StreamRequest | undefined {
    return continuationOf(this.#request, this.#given)
  }

  get hasContent(): boolean {
    return this.#given.hasContent
  }

  /** Whether as many tokens were given as asked for: then a cut has cut off nothing. */
  get isFull(): boolean {
    const { request } = this
    return request !== undefined && 'maxTokens' in request && request.maxTokens <= 0
  }

  /** Digest of the model that has given a part of it. */
  get model(): string | undefined {
    return this.hasContent ? this.#parts.at(-1)?.contender.candidate.offer.profile.model : undefined
  }

  /** Who had the last part in it. */
  get lastProviderId(): ProviderId | undefined {
    return this.#parts.at(-1)?.contender.target.providerId
  }

  /** What it costs so far, DUCK wei. */
  get costWei(): bigint {
    return this.#parts.reduce((sum, { costWei }) => sum + costWei, 0n)
  }

  /** A provider has a part in it. */
  begin(contender: Contender): void {
    this.#parts.push({
      contender,
      givenBefore: this.#given.tokens.length,
      costWei: 0n,
      receipt: undefined,
      checkpoint: null,
    })
  }

  add(chunk: Chunk): void {
    this.#given = givenAfter(this.#given, chunk)
  }

  /**
   * The last part ended.
   * @param proven what its provider proved, which may be all that it is owed
   */
  end(end: AttemptEnd | undefined, proven: Proven | undefined): void {
    const part = this.#parts.at(-1)
    if (!part) return
    const { verifier, target } = part.contender
    const receipt = end?.end?.receipt
    part.receipt = receipt
    if (!receipt) part.checkpoint = proven?.checkpoint ?? null
    if (receipt) part.costWei = receipt.receipt.amountWei
    else if (end?.how === 'invalid' || verifier.chunks === 0) part.costWei = proven?.amountWei ?? 0n
    else
      part.costWei = verifier.countedWei < target.hold.limitWei ? verifier.countedWei : target.hold.limitWei
  }

  result(finishReason: StreamFinishReason, why: BuyerResult['why']): BuyerResult {
    const usages = this.#parts.map(({ contender, givenBefore }) => {
      const { promptTokens, completionTokens } = contender.verifier.usage
      return { promptTokens: Math.max(0, promptTokens - givenBefore), completionTokens }
    })
    return {
      streamIds: this.#parts.map(({ contender }) => contender.target.hold.streamId),
      providers: this.#parts.map(({ contender }) => contender.target.providerId),
      parts: this.#parts.map(({ contender, givenBefore, costWei, receipt, checkpoint }) => ({
        streamId: contender.target.hold.streamId,
        providerId: contender.target.providerId,
        firstToken: givenBefore,
        tokens: contender.verifier.usage.completionTokens,
        costWei,
        receipt: receipt ?? null,
        checkpoint,
      })),
      usage: {
        // a part that was cut before its first statement does not know
        promptTokens: usages.find(({ promptTokens }) => promptTokens > 0)?.promptTokens ?? 0,
        completionTokens: usages.reduce((sum, { completionTokens }) => sum + completionTokens, 0),
      },
      costWei: this.costWei,
      finishReason,
      receipts: this.#parts.flatMap(({ receipt }) => receipt ?? []),
      why,
    }
  }
}
