import { DuckMeshError, type ProviderId } from '@duckmesh/protocol'
import type { Hex } from 'viem'
import { undiciFetch } from './adapters/undiciFetch.ts'
import type { Buyer, BuyOptions } from './buyer.ts'
import { owedWei } from './channels/amounts.ts'
import { PurseBook } from './channels/book.ts'
import { Funding } from './channels/funding.ts'
import { defaultPolicy, type PursePolicy } from './channels/policy.ts'
import { Purse } from './channels/purse.ts'
import { findForgotten, recover } from './channels/reconcile.ts'
import { tend } from './channels/tend.ts'
import { viewOf } from './channels/view.ts'
import type { ChannelChain } from './ports/channelChain.ts'
import type { Clock } from './ports/clock.ts'
import type { Directory } from './ports/directory.ts'
import type { Fetch } from './ports/fetch.ts'
import type { Observe } from './ports/observe.ts'
import type { PurseStore } from './ports/purseStore.ts'
import type { Sealer } from './ports/sealer.ts'
import { createSealer } from './privacy/createSealer.ts'
import { Referee, type ReferenceOptions } from './reference/referee.ts'
import { defaultAges, Market, type MarketAges } from './routing/market.ts'
import { ProviderMemory } from './routing/memory.ts'
import { offeredModels } from './routing/offeredModels.ts'
import { quoteBest } from './routing/quoteBest.ts'
import { defaultWeights, type RankWeights } from './routing/rank.ts'
import { Router } from './routing/router.ts'
import { signingKeys } from './routing/signingKeys.ts'
import type { AttemptTarget } from './streams/attempt.ts'
import { type BuyParts, buy } from './streams/buy.ts'
import { collect, type Whereabouts } from './streams/collect.ts'
import { Sessions } from './streams/sessions.ts'
import { defaultSettings, type StreamSettings } from './streams/settings.ts'
import { WaitingRoom } from './streams/waitingRoom.ts'
import { type StreamRoute, soundTerms, Ways } from './streams/way.ts'

/** What a buyer is made of. */
export type BuyerOptions = {
  chain: ChannelChain
  store: PurseStore
  directory: Directory
  clock: Clock
  /** @default undici */
  fetch?: Fetch | undefined
  /** @default HPKE to the key that the provider announced and signed */
  sealer?: Sealer | undefined
  /** Checks answers of mode reference; without it none is checked, and the mode is refused. */
  reference?: ReferenceOptions | undefined
  policy?: Partial<PursePolicy> | undefined
  settings?: Partial<StreamSettings> | undefined
  weights?: Partial<RankWeights> | undefined
  ages?: Partial<MarketAges> | undefined
  /**
   * Ways that streams may go. `relay`: this side never connects to a provider, so it reads no books of theirs either: after
   * a crash it takes what it had promised to be owed.
   * @default 'direct'
   */
  route?: StreamRoute | undefined
  /** Time between two rounds of housekeeping, milliseconds. @default 5000 */
  tendEveryMs?: number | undefined
  /** Time in which a provider's fault loses half its weight, milliseconds. @default 60000 */
  forgetHalfMs?: number | undefined
  /** Number in [0, 1). @default Math.random */
  random?: (() => number) | undefined
  observe?: Observe | undefined
  /** Told of what fails in the background; it is tried again. */
  onTrouble?: ((error: DuckMeshError) => void) | undefined
}

/**
 * Creates a buyer. It begins at once to clear up what an earlier process left; while the chain is away it tries on, and
 * `health` says so.
 * @throws DuckMeshError `STORE_UNAVAILABLE`
 */
export async function createBuyer(options: BuyerOptions): Promise<Buyer> {
  const { chain, store, directory, clock, random = Math.random } = options
  const { voucherKey } = store
  const { observe = () => undefined, onTrouble = () => undefined, tendEveryMs = 5_000 } = options
  const { route = 'direct' } = options
  const { relayUrl } = directory
  const policy = { ...defaultPolicy, ...options.policy }
  const settings = { ...defaultSettings, ...options.settings }
  const { fetch = undiciFetch } = options
  const { domain, payer } = chain
  const sealer = options.sealer ?? createSealer(domain, clock)

  const book = await PurseBook.load(store)
  const funding = new Funding(book, chain, policy, observe)
  const purse = new Purse({
    book,
    funding,
    key: voucherKey,
    policy,
    clock,
    observe,
    randomUint64,
    onFreed: (providerId) => {
      memory.noteRoom(providerId)
      room.next()
    },
    domain,
    payer,
  })
  const room = new WaitingRoom(clock)
  const market = new Market(directory, clock, { ...defaultAges, ...options.ages })
  const memory = new ProviderMemory(clock, options.forgetHalfMs ?? 60_000)
  const router = new Router(market, memory, { ...defaultWeights, ...options.weights }, random)
  const sessions = new Sessions(voucherKey, domain, clock)
  const { reference } = options
  const ways = new Ways(clock, route)
  const nextNonce = randomUint64
  const over = new AbortController()
  const mine: Fetch = (url, init) =>
    fetch(url, { ...init, signal: AbortSignal.any([init.signal, over.signal]) })
  const refereeParts = { domain, sessions, fetch: mine, clock, market, memory, book, random, nextNonce }
  const referee = reference && new Referee(reference, refereeParts)
  const targets = new Map<Hex, AttemptTarget>()
  const checked = new Set<Hex>()
  const working = new Set<Promise<unknown>>()

  const trouble = (thrown: unknown) => onTrouble(DuckMeshError.from(thrown))
  const background = (work: Promise<unknown>) => {
    const noted = work.catch(trouble)
    working.add(noted)
    noted.finally(() => working.delete(noted))
  }

  let recovering: Promise<void> | undefined
  /** Until this has been done once, nothing is promised: the store alone is not believed. */
  const recovered = (): Promise<void> => {
    recovering ??= (async () => {
      await recover(book, funding, chain, voucherKey.address)
      await findForgotten(book, chain, policy, voucherKey.address, clock.nowMs())
    })().catch((thrown) => {
      recovering = undefined
      throw thrown
    })
    return recovering
  }

  const signingKey = signingKeys(chain, clock)
  const parts: BuyParts = {
    purse,
    sessions,
    settings,
    clock,
    fetch,
    observe,
    ways,
    relayUrl,
    chain,
    sealer,
    router,
    room,
    referee,
    signingKey,
    background,
    proven: (streamId) => book.stream(streamId),
    remember: ({ target }) => {
      targets.set(target.hold.streamId, target)
    },
    checkBooks: async (providerId, whereabouts) => {
      const channel = book.channelsTo(providerId).find(({ fault }) => fault === null)
      if (!channel || checked.has(channel.channelId)) return
      if (channel.voucherWei > 0n) {
        await settle(channel.channelId, whereabouts).catch((thrown: unknown) => {
          const isAway = DuckMeshError.from(thrown).code === 'SERVICE_UNAVAILABLE'
          // it may still be reached by the relay
          if (route !== 'auto' || !isAway) throw thrown
          ways.note(providerId, false)
          return settle(channel.channelId, whereabouts)
        })
      }
      checked.add(channel.channelId)
    },
  }

  const settle = (channelId: Hex, whereabouts: Whereabouts) =>
    collect(parts, book, channelId, whereabouts, targets, over.signal)

  const whereaboutsOf = async (providerId: ProviderId): Promise<Whereabouts | undefined> => {
    const listings = await market.listings()
    const endpoint = listings.find(({ provider }) => provider.providerId === providerId)?.provider.endpoint
    return endpoint ? { endpoint, signingKey: await signingKey(providerId) } : undefined
  }

  const settleLost = async (): Promise<void> => {
    const lost = new Set(
      book.streams.filter(({ state }) => state === 'lost').map(({ stream }) => stream.channelId),
    )
    // side by side: a provider that is away must not hold up the others
    await Promise.all(
      [...lost].map(async (channelId) => {
        const whereabouts = await whereaboutsOf(book.channel(channelId).config.providerId)
        if (whereabouts) await settle(channelId, whereabouts).catch(trouble)
      }),
    )
    for (const streamId of targets.keys()) if (!book.stream(streamId)) targets.delete(streamId)
  }

  const housekeeping = async (): Promise<void> => {
    while (!over.signal.aborted) {
      await (async () => {
        await recovered()
        const failed = await tend(book, funding, chain, policy, clock.nowMs())
        for (const { error } of failed) trouble(error)
      })().catch(trouble)
      await settleLost().catch(trouble)
      await clock.sleep(tendEveryMs, over.signal)
    }
  }
  background(housekeeping())

  const needsOf = (request: Parameters<Buyer['quote']>[0], buyOptions: Omit<BuyOptions, 'signal'>) => ({
    request,
    options: buyOptions,
    leftWei: buyOptions.maxPriceWei,
    model: undefined,
  })

  const mustCheck = async (): Promise<void> => {
    if (!referee) {
      throw new DuckMeshError('UNSUPPORTED_MODE', 'This buyer checks no answers.', { mode: 'reference' })
    }
    await referee.barCaught()
  }

  const withRoute = <T extends { route?: StreamRoute | undefined }>(wanted: T) => ({
    ...wanted,
    route: wanted.route ?? route,
  })

  let closing: Promise<void> | undefined

  return {
    async *stream(request, buyOptions) {
      await recovered()
      const terms = soundTerms(withRoute(buyOptions), relayUrl)
      if (buyOptions.mode === 'reference') await mustCheck()
      const mine = new AbortController()
      const signals = [over.signal, mine.signal, buyOptions.signal].filter((signal) => signal !== undefined)
      let isOver = false
      try {
        const result = yield* buy(parts, request, terms, AbortSignal.any(signals))
        isOver = true
        return result
      } finally {
        if (!isOver) mine.abort() // connections that have come to their end are kept for the next request
      }
    },
    quote: async (request, wanted) =>
      quoteBest(router, needsOf(request, soundTerms(withRoute(wanted), relayUrl)), request),
    models: async () => offeredModels(await market.listings()),
    balance: async () => {
      const freeWei = await chain.freeWei()
      let heldWei = 0n
      let unclaimedWei = 0n
      for (const channel of book.channels) {
        const { fundedWei, claimedWei } = channel.onChain
        const due = owedWei(channel, book.running(channel.channelId)) - claimedWei
        heldWei += fundedWei - claimedWei
        if (due > 0n) unclaimedWei += due
      }
      return { freeWei, heldWei, owedWei: unclaimedWei }
    },
    channels: () =>
      book.channels.map((channel) => viewOf(channel, book.running(channel.channelId), policy.idleCloseMs)),
    health: () => ({ coordinator: market.health, chain: chain.health() }),
    identity: () => ({ payer, voucherKey: voucherKey.address, route }),
    close: () => {
      closing ??= (async () => {
        over.abort()
        await Promise.all(working)
        await book.close()
        reference?.close()
      })()
      return closing
    },
  }
}

/** 64 random bits. */
function randomUint64(): bigint {
  return crypto.getRandomValues(new BigUint64Array(1))[0]!
}
