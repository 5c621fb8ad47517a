import {
  type Chunk,
  DuckMeshError,
  type DutyPolicy,
  defaultDutyPolicy,
  type EvidenceBody,
  type MeshDomain,
  type SignedVerdict,
  type StreamEnd,
} from '@duckmesh/protocol'
import type { Hex } from 'viem'
import type { PurseBook } from '../channels/book.ts'
import type { Clock } from '../ports/clock.ts'
import type { Fetch } from '../ports/fetch.ts'
import type { Market } from '../routing/market.ts'
import type { ProviderMemory } from '../routing/memory.ts'
import type { Contender } from '../streams/contender.ts'
import type { Sessions } from '../streams/sessions.ts'
import { askValidator } from './askValidator.ts'
import { type CheckResult, createChecker } from './checker.ts'
import type { StandingStore } from './standing.ts'
import { validatorListings } from './validatorListings.ts'

/** What a buyer checks answers of mode `reference` with. */
export type ReferenceOptions = {
  /** 32 random bytes, fixed before the first stream: they decide which answers are checked. */
  secret: Hex
  store: StandingStore
  /** @default defaultDutyPolicy */
  policy?: DutyPolicy | undefined
  /** Told how each check ended. */
  onChecked?: ((streamId: Hex, result: CheckResult) => void) | undefined
  /**
   * Hands receipt and verdicts of a checked answer to whoever anchors evidence. They name the channel and its prices, and
   * no word of request or answer. @default nobody hears of them
   */
  publish?: ((body: EvidenceBody) => Promise<unknown>) | undefined
  /** Closes the store; called when the buyer is closed. */
  close(): void
}

/** Parts of the buyer that a referee works with. */
export type RefereeParts = {
  domain: MeshDomain
  sessions: Sessions
  fetch: Fetch
  clock: Clock
  market: Market
  memory: ProviderMemory
  book: Pick<PurseBook, 'channel'>
  random(): number
  nextNonce(): bigint
}

/** Longest wait for one verdict, milliseconds. */
const VERDICT_MS = 60_000

/** Has the answers of a buyer checked, and keeps away from who was caught. */
export class Referee {
  readonly #options: ReferenceOptions
  readonly #parts: RefereeParts
  readonly #checker: ReturnType<typeof createChecker>

  constructor(options: ReferenceOptions, parts: RefereeParts) {
    this.#options = options
    this.#parts = parts
    const { domain, sessions, fetch, clock, market, memory, random, nextNonce } = parts
    this.#checker = createChecker({
      domain,
      secret: options.secret,
      policy: options.policy ?? defaultDutyPolicy,
      store: options.store,
      validators: async () => validatorListings((await market.listings()).map(({ provider }) => provider)),
      ask: askValidator({
        domain,
        authorization: (audience) => sessions.header(audience),
        fetch,
        timeoutMs: VERDICT_MS,
      }),
      nowMs: () => clock.nowMs(),
      random,
      nextNonce,
      onCaught: (providerId) => memory.bar(providerId),
    })
  }

  /** Bars every provider that was caught before, in this process or an earlier one. */
  async barCaught(): Promise<void> {
    const listings = await this.#parts.market.listings()
    const ids = new Set(listings.map(({ provider }) => provider.providerId))
    for (const providerId of ids) {
      const { caughtAtMs } = await this.#options.store.standing(providerId)
      if (caughtAtMs !== null) this.#parts.memory.bar(providerId)
    }
  }

  /**
   * Has a whole answer checked, when it is due.
   * @throws DuckMeshError `BAD_REQUEST` for a sealed request, which no validator may read, and what `publish` throws
   */
  async check({ candidate, request, target }: Contender, chunks: Chunk[], end: StreamEnd): Promise<void> {
    const isText = request.api === 'chat' || request.api === 'completion'
    if (!isText || !('request' in target.payload)) {
      throw new DuckMeshError('BAD_REQUEST', 'Only open texts are checked by replay.', { api: request.api })
    }
    const { hold } = target
    const body = {
      stream: hold.stream,
      request,
      profile: candidate.offer.profile,
      chunks,
      promptTokens: end.receipt.receipt.promptTokens,
      finishReason: end.finishReason,
    }
    const { owner } = candidate.provider
    let verdicts: SignedVerdict[] = []
    const result = await this.#checker.check({ body, receipt: end.receipt, owner }, (found) => {
      verdicts = found
    })
    this.#options.onChecked?.(hold.streamId, result)
    if (verdicts.length === 0) return
    const { config: channel } = this.#parts.book.channel(hold.stream.channelId)
    const paid = { by: 'channel' as const, stream: hold.stream, channel }
    await this.#options.publish?.({ receipt: end.receipt, paid, verdicts })
  }
}
