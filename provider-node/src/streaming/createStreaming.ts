import type { ProviderId, SignedSealKey, StreamBody, StreamOffer } from '@duckmesh/protocol'
import { type Address, type Hex, isAddressEqual } from 'viem'
import type { Container } from '../container.ts'
import { backoffMs } from '../loop/backoff.ts'
import { sealedRequests } from '../privacy/sealedRequests.ts'
import { createSealing } from '../privacy/sealing.ts'
import { Books } from './books.ts'
import { Claimer } from './claims.ts'
import { ChainFollower, type StreamingHealth } from './follow.ts'
import { streamEngines } from './offer.ts'
import { endLeftStreams } from './recover.ts'
import { Sessions } from './sessions.ts'
import { Streams } from './streams.ts'

/** Time before a payer could have its money back in which nothing is given any more: enough to claim. */
const MARGIN_SECONDS = 120
/** A channel is served when its delay spans so many rounds of claims. */
const ROUNDS_IN_DELAY = 3
/** How often the clocks of streams are looked at, ms. */
const TICK_MS = 100
/** How often what nobody needs any more is dropped, ms. */
const SWEEP_MS = 60_000
/** How long ended streams are kept: far longer than one may wait to begin. */
const STREAM_DAYS = 30
const DAY_MS = 86_400_000

/** The streaming lane of a node. */
export type Streaming = {
  streams: Streams
  /** The account behind an `Authorization` header. @throws DuckMeshError `UNAUTHENTICATED` */
  caller(header: string | undefined): Promise<Address>
  /** Whether a caller is the coordinator, which relays for others. */
  isRelay(caller: Address): boolean
  /** Whether a caller pays by a channel that was used since this process began. */
  isPayer(caller: Address): boolean
  /**
   * The account that a stream is for: the caller, or for a relay who is named under the seal.
   * @throws DuckMeshError `UNAUTHENTICATED`, `SEAL_BROKEN`
   */
  accountOf(body: StreamBody, caller: Address): Promise<Address>
  /** The key that requests are sealed to, signed. */
  sealKey(): Promise<SignedSealKey>
  /** What is offered for a profile now; null when nothing is, or no new stream is taken. */
  offer(policy: Hex): StreamOffer | null
  health(): StreamingHealth & { openStreams: number }
  /** Ends what an earlier process left running, and asks the chain what time it is. Before anything else. */
  recover(): Promise<void>
  /** Follows the chain, claims and looks at clocks until the node stops. */
  follow(): Promise<void>
  /** Takes nothing more and ends every stream with its receipt. */
  stop(): Promise<void>
  /** Claims everything that is worth its gas. */
  claimAll(): Promise<void>
}

/** Makes the streaming lane; undefined when it is switched off, or no engine can serve it. */
export function createStreaming(
  context: Container & {
    providerId: ProviderId
    signal: AbortSignal
    coordinatorAddress(): Address | undefined
  },
): Streaming | undefined {
  const { chain, clock, config, executors, ledger, logger, prices, providerId, random, sealKeys, signer } =
    context
  const observe = context.observeStream
  const nowMs = () => clock.nowMs()
  const sealing = createSealing({ keys: sealKeys, account: signer, domain: chain.domain, providerId })
  const openRequest = sealedRequests(sealing, chain.domain)
  const engines = streamEngines(executors, prices, config.STREAM_WAITING, nowMs)
  if (!config.LANE_STREAM || engines.length === 0) return undefined
  const chainSeconds = () => follower.chainSeconds()
  const books = new Books({ ledger, chain, marginSeconds: MARGIN_SECONDS, chainSeconds, nowMs })
  const follower = new ChainFollower({
    books,
    chain,
    clock,
    logger,
    providerId,
    signingKey: signer.address,
    graceMs: config.STREAM_CHAIN_GRACE_MS,
  })
  const stater = { domain: chain.domain, providerId, signer }
  const streams = new Streams({
    engines,
    books,
    follower,
    ledger,
    stater,
    clock,
    logger,
    observe,
    openRequest,
    pace: {
      checkpointTokens: config.STREAM_CHECKPOINT_TOKENS,
      checkpointMs: config.STREAM_CHECKPOINT_MS,
      payMs: config.STREAM_PAY_MS,
      resumeMs: config.STREAM_RESUME_MS,
      engineMs: config.STREAM_ENGINE_MS,
      chunkMs: config.STREAM_CHUNK_MS,
    },
    perChannel: config.STREAM_PER_CHANNEL,
    leastDelaySeconds: ROUNDS_IN_DELAY * config.CLAIM_EVERY_SECONDS,
  })
  const claimer = new Claimer({
    books,
    chain,
    logger,
    observe,
    providerId,
    terms: { enoughWei: config.CLAIM_ENOUGH_DUCK, leastWei: config.CLAIM_LEAST_DUCK },
    owedWei: (book) => streams.owedWei(book),
  })
  const isRelay = (caller: Address) => {
    const coordinator = context.coordinatorAddress()
    return coordinator !== undefined && isAddressEqual(caller, coordinator)
  }
  const sessions = new Sessions(chain.domain, signer.address, nowMs)
  const claim = (isAll: boolean): Promise<boolean> =>
    claimer.claim(isAll).then(
      () => true,
      (error: unknown) => {
        logger.warn({ err: error }, 'claim failed; it is tried again')
        return false
      },
    )

  const watchChain = async () => {
    let roundMs = nowMs()
    let failures = 0
    let notBeforeMs = 0
    while (!context.signal.aborted) {
      await follower.look()
      const isRound = nowMs() - roundMs >= config.CLAIM_EVERY_SECONDS * 1_000
      if (follower.health().status !== 'closed' && nowMs() >= notBeforeMs) {
        const isDone = await claim(isRound)
        failures = isDone ? 0 : failures + 1
        if (!isDone) notBeforeMs = nowMs() + backoffMs(failures, random.fraction())
        else if (isRound) roundMs = nowMs()
      }
      await clock.sleep(config.WATCH_MS, context.signal)
    }
  }
  const watchClocks = async () => {
    let sweptMs = nowMs()
    while (!context.signal.aborted) {
      streams.tick()
      if (nowMs() - sweptMs >= SWEEP_MS) {
        sweptMs = nowMs()
        const chunksBeforeMs = sweptMs - config.STREAM_KEEP_MS
        const streamsBeforeMs = sweptMs - STREAM_DAYS * DAY_MS
        ledger.sweep({ chunksBeforeMs, maxChunkBytes: config.STREAM_KEEP_BYTES, streamsBeforeMs })
      }
      await clock.sleep(TICK_MS, context.signal)
    }
  }
  return {
    streams,
    caller: (header) => sessions.account(header),
    isRelay,
    isPayer: (caller) =>
      books
        .followed()
        .some(({ config: { payer, payerKey } }) =>
          [payer, payerKey].some((key) => isAddressEqual(key, caller)),
        ),
    accountOf: async (body, caller) =>
      isRelay(caller) ? sessions.account((await openRequest(body)).authorization ?? undefined) : caller,
    sealKey: () => sealing.announced(),
    offer: (policy) =>
      follower.health().status === 'closed'
        ? null
        : (engines.find((engine) => engine.policy === policy)?.offer() ?? null),
    health: () => ({ ...follower.health(), openStreams: streams.size }),
    recover: async () => {
      await endLeftStreams(ledger, stater, clock, logger)
      await follower.look()
    },
    follow: async () => {
      await Promise.all([watchChain(), watchClocks()])
    },
    stop: () => streams.stop(),
    claimAll: async () => {
      await claim(true)
    },
  }
}
