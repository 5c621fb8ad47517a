import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import type { DuckMeshError } from '@duckmesh/protocol'
import { answerOf } from './testEngine.ts'
import type { TestProvider } from './testProvider.ts'
import { ask, bought, duck, smallMoney, startWorld, type TestWorld, until } from './testWorld.ts'

describe('buying an answer', () => {
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
      provider.resumeMs = 500
      await provider.listen().catch(() => undefined) // it listens already unless the test has stopped it
    }
    world.coordinator.isAway = false
  })
  after(() => world.stop())

  it('default: opens a channel, pays by voucher, and gives the answer with its receipt', async () => {
    const buyer = await world.buyer()
    const request = ask('hello', 10)
    const { text, result, kinds } = await bought(buyer, request)
    assert.equal(text, answerOf(request))
    assert.equal(kinds[0], 'start')
    assert.equal(kinds.filter((kind) => kind === 'chunk').length, 10)
    assert.equal(result.finishReason, 'length')
    assert.equal(result.costWei, 1_000n + 100n + 10_000n)
    assert.equal(result.receipts.length, 1)
    assert.deepEqual(result.usage, { promptTokens: 1, completionTokens: 10 })
    const [channel] = buyer.channels()
    assert.equal(channel?.owedWei, result.costWei)
    assert.ok(channel.voucherWei >= channel.owedWei && channel.voucherWei <= channel.fundedWei)
    assert.equal(result.why.length, 1)
    assert.equal(result.why[0]?.reason, 'NOT_CHOSEN')
  })

  it('behavior: requests that follow each other share a connection; a cut one is not used again', async () => {
    const buyer = await world.buyer()
    second.listing = { isOnline: false }
    await bought(buyer, ask('the first', 3))
    const before = first.connections
    for (let count = 0; count < 5; count++) {
      await bought(buyer, ask(`one more ${count}`, 3))
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    assert.equal(first.connections, before)
    first.faults = { cutAfterEvents: 2, cuts: 1 }
    await bought(buyer, ask('cut in the middle', 3))
    assert.equal(first.connections, before + 1)
  })

  it('behavior: a stranger is promised little at once, and more step by step as it proves', async () => {
    const buyer = await world.buyer()
    second.listing = { isOnline: false }
    const promised: bigint[] = []
    const answer = buyer.stream(ask('steps', 120), duck)
    for (let step = await answer.next(); !step.done; step = await answer.next()) {
      const { voucherWei, owedWei } = buyer.channels()[0]!
      promised.push(voucherWei - owedWei)
    }
    assert.ok(promised.every((exposure) => exposure <= smallMoney.strangerCapWei))
    assert.ok(
      first.asked.some((path) => path.endsWith('/voucher')),
      'it was paid on the way',
    )
    const { owedWei } = buyer.channels()[0]!
    assert.equal(owedWei, 1_000n + 100n + 120_000n)
    // what it has proved grows its cap: now the whole price is promised at once
    const before = first.asked.length
    await bought(buyer, ask('known', 50))
    assert.ok(!first.asked.slice(before).some((path) => path.endsWith('/voucher')))
  })

  it('behavior: a channel is topped up before it runs dry, in the middle of a stream as well', async () => {
    const buyer = await world.buyer({
      policy: { depositWei: 30_000n, topUpBelowWei: 5_000n, strangerCapWei: 10_000n },
    })
    second.listing = { isOnline: false }
    const request = ask('long and dear', 150)
    const { text, result } = await bought(buyer, request)
    assert.equal(text, answerOf(request))
    assert.equal(result.finishReason, 'length')
    assert.ok(buyer.channels()[0]!.fundedWei >= result.costWei)
  })

  it('behavior: maxPriceWei is kept: the answer ends there, paid to the chunk', async () => {
    const buyer = await world.buyer()
    second.listing = { isOnline: false }
    const { result, text } = await bought(buyer, ask('short money', 50), { ...duck, maxPriceWei: 8_200n })
    assert.equal(result.finishReason, 'unpaid')
    assert.equal(result.usage.completionTokens, 7)
    assert.equal(text.split(' ').length - 1, 7)
    assert.ok(result.costWei <= 8_200n)
    assert.equal(result.receipts[0]?.receipt.amountWei, result.costWei)
  })

  it('behavior: streams side by side share one channel, and their ceilings add up', async () => {
    const buyer = await world.buyer({ settings: { giveUpAfterMs: 15_000 } })
    second.listing = { isOnline: false }
    first.faults = { chunkMs: 5 }
    await bought(buyer, ask('warm up', 60))
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, at) => bought(buyer, ask(`side by side ${at}`, 10 + at))),
    )
    for (const [at, { text, result }] of answers.entries()) {
      assert.equal(text, answerOf(ask(`side by side ${at}`, 10 + at)))
      assert.equal(result.finishReason, 'length')
    }
    const [channel, ...others] = buyer.channels()
    assert.deepEqual(others, [])
    const nonces = [...first.streams.values()].map(({ streamId }) => streamId)
    assert.equal(new Set(nonces).size, nonces.length)
    assert.equal(channel!.owedWei, first.owedWei(channel!.channelId))
    assert.ok(channel!.voucherWei <= channel!.fundedWei)
  })

  it('behavior: resumes at the same provider after cuts, no chunk twice and none lost', async () => {
    const buyer = await world.buyer()
    second.listing = { isOnline: false }
    first.faults = { cutAfterEvents: 4, cuts: 4 }
    first.resumeMs = 10_000
    const request = ask('cut and cut again', 20)
    const { text, result, kinds } = await bought(buyer, request)
    assert.equal(text, answerOf(request))
    assert.equal(result.streamIds.length, 1)
    assert.ok(!kinds.includes('switch'))
    assert.equal(result.costWei, first.streams.get(result.streamIds[0]!)!.end!.receipt.receipt.amountWei)
  })

  it('behavior: a provider that dies is replaced in the middle, one unbroken answer', async () => {
    const buyer = await world.buyer({ settings: { resumeTries: 1, resumeAfterMs: 20 } })
    first.offer = { tokenWei: 900n }
    first.faults = { chunkMs: 5 }
    const request = ask('a provider dies', 30)
    const answer = buyer.stream(request, duck)
    let text = ''
    let count = 0
    let step = await answer.next()
    for (; !step.done; step = await answer.next()) {
      if (step.value.type === 'chunk') text += step.value.chunk.text
      if (step.value.type === 'chunk' && ++count === 9) await first.stop()
    }
    assert.equal(text, answerOf(request))
    assert.deepEqual(step.value.providers, [first.providerId, second.providerId])
    assert.equal(step.value.usage.completionTokens, 30)
  })

  it('behavior: engines that hide their tokens cannot be followed by another: the cut is told, what came is paid', async () => {
    const buyer = await world.buyer({ settings: { resumeTries: 0 } })
    first.offer = { tokenWei: 500n, givesLogprobs: false }
    first.faults = { failsAfter: 3, hidesTokens: true }
    await assert.rejects(bought(buyer, ask('hidden', 9)), (error: DuckMeshError) => {
      assert.equal(error.code, 'STREAM_CUT')
      assert.equal(error.details.costWei, String(1_000n + 100n + 3n * 500n))
      return true
    })
    // before anything was given it simply starts anew elsewhere
    first.faults = { failsAfter: 0, hidesTokens: true }
    const request = ask('hidden from the start', 5)
    const { text, result } = await bought(buyer, request)
    assert.equal(text, answerOf(request))
    assert.equal(result.providers.at(-1), second.providerId)
  })

  it('behavior: an abort closes the connection, frees the provider, and what came is paid', async () => {
    const buyer = await world.buyer()
    second.listing = { isOnline: false }
    first.faults = { chunkMs: 10 }
    const abort = new AbortController()
    const answer = buyer.stream(ask('never mind', 100), { ...duck, signal: abort.signal })
    let chunks = 0
    let step = await answer.next()
    for (; !step.done; step = await answer.next()) {
      if (step.value.type === 'chunk' && ++chunks === 7) abort.abort()
    }
    assert.equal(step.value.finishReason, 'cut')
    const stream = first.streams.get(step.value.streamIds[0]!)!
    await until('the provider has ended it', () => stream.end !== undefined)
    await until('the receipt is there', () => buyer.channels()[0]!.openStreams.length === 0)
    const { amountWei } = stream.end!.receipt.receipt
    assert.equal(buyer.channels()[0]!.owedWei, amountWei)
    assert.ok(amountWei <= step.value.costWei + 20n * 1_000n)
    assert.ok(amountWei >= 7_000n)
  })

  it('behavior: leaving the loop is an abort; an abort before anything came is CANCELLED', async () => {
    const buyer = await world.buyer()
    second.listing = { isOnline: false }
    first.faults = { chunkMs: 10 }
    for await (const event of buyer.stream(ask('leave', 100), duck)) if (event.type === 'chunk') break
    const stream = [...first.streams.values()].at(-1)!
    await until('the provider has ended it', () => stream.end !== undefined)
    assert.equal(stream.end?.finishReason, 'cut')
    first.faults = { firstChunkMs: 5_000 }
    const signal = AbortSignal.timeout(100)
    await assert.rejects(bought(buyer, ask('too late', 5), { ...duck, signal }), { code: 'CANCELLED' })
  })

  it('behavior: a slow reader holds the provider back instead of filling memory', async () => {
    const buyer = await world.buyer()
    const answer = buyer.stream(ask('slow reader', 20), duck)
    await answer.next()
    await new Promise((resolve) => setTimeout(resolve, 400))
    let count = 0
    for (let step = await answer.next(); !step.done; step = await answer.next()) count += 1
    assert.equal(count, 20)
  })
})
