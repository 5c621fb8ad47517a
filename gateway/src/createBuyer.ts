import { DuckMeshError, type ProviderId, skipFixes, streamCeilingWei } from '@duckmesh/protocol'
import type { Address, Hex } from 'viem'
import type { Buyer, BuyerModel, BuyOptions } from './buyer.ts'
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
import type { Observe } from './ports/observe.ts'
import type { PurseStore } from './ports/purseStore.ts'
import type { Sealer } from './ports/sealer.ts'
import type { VoucherKey } from './ports/voucherKey.ts'
import { createSealer } from './privacy/createSealer.ts'
import { Referee, type ReferenceOptions } from './reference/referee.ts'
import { defaultAges, Market, type MarketAges } from './routing/market.ts'
import { ProviderMemory } from './routing/memory.ts'
import { defaultWeights, type RankWeights } from './routing/rank.ts'
import { Router } from './routing/router.ts'
import type { AttemptTarget } from './streams/attempt.ts'
import { type BuyParts, buy } from './streams/buy.ts'
import { collect, type Whereabouts } from './streams/collect.ts'
import type { Fetch } from './streams/http.ts'
import { Sessions } from './streams/sessions.ts'
import { defaultSettings, type StreamSettings } from './streams/settings.ts'

/** What a buyer is made of. */
export type BuyerOptions = {
  chain: ChannelChain
  store: PurseStore
  directory: Directory
  /** Signs vouchers and sessions. One store belongs to one key: see `channelConfigOf`. */
  voucherKey: VoucherKey
  clock: Clock
  fetch?: Fetch | undefined
  /** @default HPKE to the key that the provider announced and signed */
  sealer?: Sealer | undefined
  /** Checks answers of mode reference; without it none is checked, and the mode is refused. */
  reference?: ReferenceOptions | undefined
  policy?: Partial<PursePolicy> | undefined
  settings?: Partial<StreamSettings> | undefined
  weights?: Partial<RankWeights> | undefined
  ages?: Partial<MarketAges> | undefined
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

/** Signing keys are read again after this time, milliseconds. */
const KEY_MS = 30_000

/**
 * Creates a buyer. It begins at once to clear up what an earlier process left; while the chain is away it tries on, and
 * `health` says so.
 * @throws DuckMeshError `STORE_UNAVAILABLE`
 */
export async function createBuyer(options: BuyerOptions): Promise<Buyer> {
  const { chain, store, directory, voucherKey, clock, random = Math.random } = options
  const { observe = () => undefined, onTrouble = () => undefined, tendEveryMs = 5_000 } = options
  const policy = { ...defaultPolicy, ...options.policy }
  const settings = { ...defaultSettings, ...options.settings }
  const fetch: Fetch = options.fetch ?? ((url, init) => globalThis.fetch(url, init))
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
    domain,
    payer,
  })
  const market = new Market(directory, clock, { ...defaultAges, ...options.ages })
  const memory = new ProviderMemory(clock, options.forgetHalfMs ?? 60_000)
  const router = new Router(market, memory, { ...defaultWeights, ...options.weights }, random)
  const sessions = new Sessions(voucherKey, domain, clock)
  const { reference } = options
  const nextNonce = randomUint64
  const over = new AbortController()
  const mine: Fetch = (url, init) => fetch(url, { ...init, signal: anyOf(init?.signal, over.signal) })
  const refereeParts = { domain, sessions, fetch: mine, clock, market, memory, random, nextNonce }
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
      await recover(book, funding, chain)
      await findForgotten(book, chain, policy, voucherKey.address, clock.nowMs())
    })().catch((thrown) => {
      recovering = undefined
      throw thrown
    })
    return recovering
  }

  const keys = new Map<ProviderId, { key: Address; atMs: number }>()
  const signingKey = async (providerId: ProviderId): Promise<Address> => {
    const held = keys.get(providerId)
    if (held && clock.nowMs() - held.atMs < KEY_MS) return held.key
    try {
      const key = await chain.signingKey(providerId)
      keys.set(providerId, { key, atMs: clock.nowMs() })
      return key
    } catch (thrown) {
      if (held) return held.key // an old key is better than none while the chain is away
      throw thrown
    }
  }

  const parts: BuyParts = {
    purse,
    sessions,
    settings,
    clock,
    fetch,
    observe,
    chain,
    sealer,
    router,
    referee,
    signingKey,
    background,
    provenWei: (streamId) => book.stream(streamId)?.amountWei ?? 0n,
    remember: ({ target }) => {
      targets.set(target.hold.streamId, target)
    },
    checkBooks: async (providerId, whereabouts) => {
      const channel = book.channelsTo(providerId).find(({ fault }) => fault === null)
      if (!channel || checked.has(channel.channelId)) return
      if (channel.voucherWei > 0n) await settle(channel.channelId, whereabouts)
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

  let closing: Promise<void> | undefined

  return {
    async *stream(request, buyOptions) {
      await recovered()
      if (buyOptions.mode === 'reference') await mustCheck()
      const mine = new AbortController()
      const signals = [over.signal, mine.signal, buyOptions.signal].filter((signal) => signal !== undefined)
      try {
        return yield* buy(parts, request, buyOptions, AbortSignal.any(signals))
      } finally {
        mine.abort()
      }
    },
    quote: async (request, buyOptions) => {
      const { candidates, skipped } = await router.candidates(needsOf(request, buyOptions), request)
      const why = [...skipped].map(([providerId, reason]) => ({ providerId, reason, fix: skipFixes[reason] }))
      const [best, ...others] = candidates
      if (!best) {
        const isBusy = why.some(({ reason }) => reason === 'AT_CAPACITY')
        const message = 'No provider can take this request on these terms.'
        throw new DuckMeshError(isBusy ? 'EXECUTOR_BUSY' : 'NO_PROVIDERS', message, { skipped: why })
      }
      for (const { provider } of others) {
        why.push({ providerId: provider.providerId, reason: 'NOT_CHOSEN', fix: skipFixes.NOT_CHOSEN })
      }
      const { requestWei, promptTokenWei, tokenWei } = best.streaming
      const price = { requestWei, promptTokenWei, tokenWei }
      const ceilingWei = streamCeilingWei(price, request)
      return { providerId: best.provider.providerId, policy: best.policy, price, ceilingWei, why }
    },
    models: async () => {
      const models = new Map<Hex, BuyerModel>()
      for (const { provider, offer, policy: profileHash, streaming } of await market.listings()) {
        if (!streaming || !provider.isOnline || !provider.isActive || !provider.endpoint) continue
        const known = models.get(profileHash)
        const { requestWei, promptTokenWei, tokenWei } = streaming
        const isCheaper = !known || tokenWei < known.price.tokenWei
        models.set(profileHash, {
          policy: profileHash,
          profile: offer.profile,
          apis: [...new Set([...(known?.apis ?? []), ...streaming.apis])],
          providers: (known?.providers ?? 0) + 1,
          price: isCheaper ? { requestWei, promptTokenWei, tokenWei } : known.price,
        })
      }
      return [...models.values()]
    },
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
    close: () => {
      closing ??= (async () => {
        over.abort()
        await Promise.all(working)
        await book.idle()
        await store.close()
        reference?.close()
      })()
      return closing
    },
  }
}

/** Fires with the first of both. */
const anyOf = (one: AbortSignal | null | undefined, other: AbortSignal): AbortSignal =>
  one ? AbortSignal.any([one, other]) : other

/** 64 random bits. */
function randomUint64(): bigint {
  return crypto.getRandomValues(new BigUint64Array(1))[0]!
}
