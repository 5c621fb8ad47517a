import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import type { DuckMeshError, StreamRequest } from '@duckmesh/protocol'
import { openReference } from '../src/reference/openReference.ts'
import { answerOf } from './testEngine.ts'
import type { TestProvider } from './testProvider.ts'
import { ask, bought, duck, startWorld, type TestWorld, until } from './testWorld.ts'

const chat = (...texts: string[]): StreamRequest => ({
  api: 'chat',
  messages: texts.map((content, at) => ({ role: at % 2 === 0 ? 'user' : 'assistant', content })),
  tools: null,
  toolChoice: null,
  maxTokens: 4,
  temperature: 0,
  topP: 1,
  seed: 1,
  stop: [],
  topLogprobs: 0,
  continueFrom: [],
})

describe('choosing who answers', () => {
  let world: TestWorld
  let first: TestProvider
  let second: TestProvider
  before(async () => {
    world = await startWorld(2)
    ;[first, second] = world.providers as [TestProvider, TestProvider]
  })
  afterEach(async () => {
    for (const provider of world.providers) {
      provider.faults = {}
      provider.offer = {}
      provider.listing = {}
      await provider.listen().catch(() => undefined) // it listens already unless the test has stopped it
    }
    world.coordinator.isAway = false
  })
  after(() => world.stop())

  it('behavior: a late first token is hedged; the first to answer is billed, the other is owed what it proves', async () => {
    const buyer = await world.buyer({ settings: { hedgeAfterMs: 50 } })
    first.offer = { tokenWei: 500n }
    first.faults = { firstChunkMs: 4_000 }
    const request = ask('who is first', 8)
    const { text, result } = await bought(buyer, request)
    assert.equal(text, answerOf(request))
    assert.deepEqual(result.providers, [second.providerId])
    assert.equal(result.why.find(({ providerId }) => providerId === first.providerId)?.reason, 'SLOWER')
    assert.equal(result.costWei, 1_000n + 200n + 8_000n)
    await until('the slower one is settled', () =>
      buyer.channels().every(({ openStreams }) => openStreams.length === 0),
    )
    const slow = buyer.channels().find(({ providerId }) => providerId === first.providerId)!
    assert.ok(slow.owedWei <= 1_000n + 200n, 'no token of it was given')
  })

  it('behavior: a busy provider is passed over, and asked again when all are busy', async () => {
    const buyer = await world.buyer()
    first.offer = { tokenWei: 500n }
    first.faults = { busyTimes: 1 }
    const { result } = await bought(buyer, ask('busy', 4))
    assert.deepEqual(result.providers, [second.providerId])
    assert.equal(result.why[0]?.reason, 'AT_CAPACITY')
    first.faults = { busyTimes: 2 }
    second.faults = { busyTimes: 2 }
    const later = await bought(buyer, ask('all busy', 4))
    assert.equal(later.result.finishReason, 'length')
  })

  it('behavior: a conversation goes back to the provider that has it warm', async () => {
    // measured times would decide by how loaded the machine is
    const buyer = await world.buyer({ weights: { speed: 0 } })
    const { result: opening } = await bought(buyer, chat('hello'))
    const [warm] = opening.providers
    const other = world.providers.find(({ providerId }) => providerId !== warm)!
    other.offer = { tokenWei: 700n }
    const { result: next } = await bought(buyer, chat('hello', 'hi', 'how are you'))
    assert.deepEqual(next.providers, [warm])
    const { result: unrelated } = await bought(buyer, chat('something else'))
    assert.deepEqual(unrelated.providers, [other.providerId])
    // but not while all its slots are taken
    other.offer = {}
    const warmProvider = world.providers.find(({ providerId }) => providerId === warm)!
    warmProvider.offer = { busy: 8 }
    const { result: full } = await bought(buyer, chat('hello', 'hi', 'how are you', 'fine', 'good'))
    assert.deepEqual(full.providers, [other.providerId])
  })

  it('error: a buyer that checks no answers refuses mode reference', async () => {
    const buyer = await world.buyer()
    const isRefused = (error: DuckMeshError) => error.code === 'UNSUPPORTED_MODE'
    await assert.rejects(bought(buyer, ask('why', 2), { ...duck, mode: 'reference' }), isRefused)
  })

  it('behavior: everybody who is not taken gets a reason and a fix', async () => {
    const buyer = await world.buyer({ reference: openReference(world.purseFolder(100)) })
    const reasonOf = async (provider: TestProvider, options: Partial<typeof duck> = {}) => {
      const { result } = await bought(buyer, ask('why', 2), { ...duck, ...options })
      const skipped = result.why.find(({ providerId }) => providerId === provider.providerId)
      assert.ok(skipped && skipped.fix.length > 20)
      return skipped.reason
    }
    first.offer = { apis: ['chat'] }
    assert.equal(await reasonOf(first), 'API_NOT_SERVED')
    first.offer = { givesLogprobs: false }
    assert.equal(await reasonOf(first, { mode: 'reference' }), 'NO_LOGPROBS')
    first.offer = { tokenWei: 50_000n }
    assert.equal(await reasonOf(first, { maxPriceWei: 40_000n }), 'PRICE_TOO_HIGH')
    first.offer = {}
    first.listing = { isOnline: false }
    assert.equal(await reasonOf(first), 'OFFLINE')
    first.listing = { isActive: false }
    assert.equal(await reasonOf(first), 'INACTIVE')
    first.listing = { endpoint: null }
    assert.equal(await reasonOf(first), 'NO_ENDPOINT')
    first.listing = {}
    assert.equal(await reasonOf(first, { exclude: [first.providerId] }), 'EXCLUDED')
    first.listing = { offers: [{ ...first.listed.offers[0]!, streaming: null }] }
    assert.equal(await reasonOf(first), 'NO_STREAMING')
    first.listing = {}
    await assert.rejects(
      bought(buyer, ask('sealed', 2), { ...duck, privacy: 'sealed' }),
      (error: DuckMeshError) => {
        assert.equal(error.code, 'NO_PROVIDERS')
        const { skipped } = error.details as { skipped: { reason: string }[] }
        assert.deepEqual(new Set(skipped.map(({ reason }) => reason)), new Set(['NO_SEALING']))
        return true
      },
    )
  })

  it('behavior: a provider that wants more trust than a stranger gets is passed over, with the reason', async () => {
    const buyer = await world.buyer()
    first.offer = { strangerCapWei: 100_000n, requestWei: 100n, tokenWei: 900n }
    const { result } = await bought(buyer, ask('trust me', 200), duck)
    assert.deepEqual(result.providers, [second.providerId])
    assert.equal(result.why.find(({ providerId }) => providerId === first.providerId)?.reason, 'STRANGER_CAP')
  })

  it('error: tells an unknown model, nobody on these terms, all busy and no money apart', async () => {
    const buyer = await world.buyer({ settings: { giveUpAfterMs: 1_000 } })
    const refused = async (expected: string, options: Partial<typeof duck> = {}, of = buyer) => {
      await assert.rejects(bought(of, ask('nobody', 4), { ...duck, ...options }), { code: expected })
    }
    await refused('UNKNOWN_MODEL', { model: { name: 'goose' } })
    await refused('NO_PROVIDERS', { maxPriceWei: 10n })
    await refused('NO_PROVIDERS', { exclude: world.providers.map(({ providerId }) => providerId) })
    first.faults = { busyTimes: 1_000 }
    second.faults = { busyTimes: 1_000 }
    await refused('EXECUTOR_BUSY')
    first.faults = {}
    second.faults = {}
    const poor = await world.buyer({ policy: { budgetWei: 100n } })
    await refused('INSUFFICIENT_FUNDS', {}, poor)
    await first.stop()
    await second.stop()
    await refused('NO_PROVIDERS')
  })

  it('behavior: goes on with what it knows while the coordinator is away, and says so', async () => {
    const buyer = await world.buyer()
    await bought(buyer, ask('while it is there', 3))
    assert.equal(buyer.health().coordinator.isOk, true)
    world.coordinator.isAway = true
    const { result } = await bought(buyer, ask('while it is away', 3))
    assert.equal(result.finishReason, 'length')
    assert.equal(buyer.health().coordinator.isOk, false)
    assert.equal(buyer.health().coordinator.code, 'SERVICE_UNAVAILABLE')
    const stranger = await world.buyer({ settings: { giveUpAfterMs: 500 } })
    await assert.rejects(bought(stranger, ask('never seen', 3)), { code: 'SERVICE_UNAVAILABLE' })
  })

  it('behavior: quotes, models and balance say what a request would cost and where the money is', async () => {
    const buyer = await world.buyer()
    first.offer = { tokenWei: 500n }
    const quote = await buyer.quote(ask('quote', 10), duck)
    assert.equal(quote.providerId, first.providerId)
    assert.equal(quote.ceilingWei, 1_000n + 100n * (5n + 32n) + 5_000n)
    assert.equal(quote.why[0]?.reason, 'NOT_CHOSEN')
    const [model, ...others] = await buyer.models()
    assert.deepEqual(others, [])
    assert.equal(model?.providers, 2)
    assert.equal(model.price.tokenWei, 500n)
    const before = await buyer.balance()
    assert.equal(before.heldWei, 0n)
    const { result } = await bought(buyer, ask('quote', 10))
    assert.ok(result.costWei <= quote.ceilingWei)
    const now = await buyer.balance()
    assert.equal(now.freeWei + now.heldWei, before.freeWei)
    assert.equal(now.owedWei, result.costWei)
  })
})
