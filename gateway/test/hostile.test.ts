import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import type { Faults } from './faults.ts'
import { answerOf } from './testEngine.ts'
import { ask, bought, duck, smallMoney, startWorld, type TestWorld, until } from './testWorld.ts'

describe('a provider that does not keep its word', () => {
  let world: TestWorld
  before(async () => {
    world = await startWorld(2)
    // the bad one is cheaper, so it is asked first
    world.providers[0]!.offer = { tokenWei: 500n }
  })
  afterEach(() => {
    world.providers[0]!.faults = {}
    world.providers[1]!.faults = {}
  })
  after(() => world.stop())

  const lies: [string, Faults, string][] = [
    ['states a head that is not that of its chunks', { falseHeadAt: 3 }, 'head'],
    ['claims more prompt tokens than the prompt can have', { extraPromptTokens: 10_000 }, 'promptTokens'],
    ['states another amount than its tokens cost', { extraWei: 1n }, 'amountWei'],
    ['signs with another key', { signsWithOwner: true }, 'signature'],
    ['signs as another provider', { saysProviderId: 9 }, 'open'],
    ['skips a chunk', { skipsIndex: true }, 'index'],
    ['goes on beyond the tokens asked for', { isNeverEnding: true }, 'tokens'],
    ['sends a chunk that is none', { rawChunk: '{"index":"first"}' }, 'broken chunk'],
    ['sends JSON that is none', { rawChunk: '{{' }, 'broken chunk'],
    ['sends an event without an end', { hugeEvent: 9_000_000 }, 'without an end'],
  ]
  for (const [what, faults, field] of lies) {
    it(`${what}: is left, paid to its last true statement, and the other goes on`, async () => {
      const [bad, good] = world.providers
      bad!.faults = faults
      const buyer = await world.buyer()
      const request = ask(what, 10)
      const { text, result, kinds } = await bought(buyer, request)
      // what came before the lie was noticed stays; the rest is given by the other
      assert.equal(text, answerOf(request))
      const skipped = result.why.find(({ providerId }) => providerId === bad!.providerId)
      const hadContent = kinds.includes('switch')
      assert.equal(skipped?.reason, 'FAILED_RECENTLY')
      if (!faults.isNeverEnding) assert.equal(result.providers.at(-1), good!.providerId)
      const channel = buyer.channels().find(({ providerId }) => providerId === bad!.providerId)!
      assert.ok(['suspect', 'closing'].includes(channel.state), channel.state)
      assert.match(channel.fault ?? '', new RegExp(field))
      assert.ok(channel.voucherWei <= smallMoney.strangerCapWei)
      // nothing beyond its last true statement is owed
      const proven = hadContent || faults.isNeverEnding ? 8n * 500n + 1_000n + 100n * 20n : 0n
      assert.ok(channel.owedWei <= proven, `${channel.owedWei}`)
      await until('its channel is being closed', () =>
        buyer
          .channels()
          .some(({ providerId, returnsAtMs }) => providerId === bad!.providerId && returnsAtMs !== null),
      )
    })
  }

  for (const [what, faults, field] of [
    ['signs that it was cut and says that it came to its end', { signsReason: 'cut' }, 'outputHash'],
    ['ends by tool calls, of which the request has none', { callsTools: true }, 'finishReason'],
  ] satisfies [string, Faults, string][]) {
    it(`${what}: it is paid to its last true statement`, async () => {
      const [bad] = world.providers
      bad!.faults = { stopsAfter: 10, ...faults }
      const buyer = await world.buyer()
      const request = ask(what, 12)
      const { text, result } = await bought(buyer, request)
      assert.equal(text, answerOf(request))
      assert.equal(result.providers.length, 2)
      const channel = buyer.channels().find(({ providerId }) => providerId === bad!.providerId)!
      assert.match(channel.fault ?? '', new RegExp(field))
      assert.equal(result.receipts.length, 1)
    })
  }

  it('is not asked again for a while, and is a stranger when it is', async () => {
    const [bad, good] = world.providers
    const buyer = await world.buyer({ forgetHalfMs: 200 })
    bad!.faults = { extraWei: 1n }
    await bought(buyer, ask('first', 5))
    bad!.faults = {}
    const { result } = await bought(buyer, ask('second', 5))
    assert.deepEqual(result.providers, [good!.providerId])
    assert.equal(
      result.why.find(({ providerId }) => providerId === bad!.providerId)?.reason,
      'FAILED_RECENTLY',
    )
    await until('it is forgiven', async () => {
      const { result: later } = await bought(buyer, ask('later', 5))
      return later.providers[0] === bad!.providerId
    })
    const channels = buyer.channels().filter(({ providerId }) => providerId === bad!.providerId)
    assert.equal(channels.length, 2, 'a new channel; the old one is given up')
  })

  it('says that more is owed than was ever promised: its receipt counts, its channel is given up', async () => {
    const [bad] = world.providers
    bad!.faults = { owedTimes: 100n }
    const buyer = await world.buyer()
    const { result } = await bought(buyer, ask('double', 5))
    assert.equal(result.finishReason, 'length')
    const channel = buyer.channels().find(({ providerId }) => providerId === bad!.providerId)!
    assert.equal(channel.owedWei, result.costWei)
    assert.match(channel.fault ?? '', /owed/)
  })

  it('falls silent: the other goes on where it stopped, one unbroken answer', async () => {
    const [bad, good] = world.providers
    bad!.faults = { silentAfter: 5 }
    const buyer = await world.buyer({ settings: { silenceMs: 200, resumeTries: 1 } })
    const request = ask('silent', 12)
    const { text, result, events } = await bought(buyer, request)
    assert.equal(text, answerOf(request))
    assert.deepEqual(result.providers, [bad!.providerId, good!.providerId])
    assert.equal(result.usage.completionTokens, 12)
    assert.deepEqual(
      events.find(({ type }) => type === 'switch'),
      {
        type: 'switch',
        fromProviderId: bad!.providerId,
        toProviderId: good!.providerId,
        why: 'SERVICE_UNAVAILABLE',
      },
    )
  })

  it('breaks in the middle: paid to the chunk, and the other goes on', async () => {
    const [bad, good] = world.providers
    bad!.faults = { failsAfter: 5 }
    const buyer = await world.buyer()
    const request = ask('broken', 12)
    const { text, result } = await bought(buyer, request)
    assert.equal(text, answerOf(request))
    assert.equal(result.receipts.length, 2)
    assert.equal(result.receipts[0]?.receipt.completionTokens, 5)
    assert.equal(result.receipts[1]?.receipt.completionTokens, 7)
    assert.equal(result.receipts[1]?.receipt.providerId, good!.providerId)
    assert.equal(
      result.costWei,
      result.receipts.reduce((sum, { receipt }) => sum + receipt.amountWei, 0n),
    )
  })

  it('hangs while it keeps the line busy: is left after the longest time without a chunk', async () => {
    const [bad] = world.providers
    bad!.faults = { chunkMs: 400 }
    const buyer = await world.buyer({ settings: { stallMs: 300, longestMs: 1_000, resumeTries: 1 } })
    const request = ask('slow', 6)
    const { text, result } = await bought(buyer, request)
    assert.equal(text, answerOf(request))
    assert.equal(result.providers.length, 2)
  })

  it('sends comments and nothing else: does not hold the buyer for long', async () => {
    const [bad, good] = world.providers
    bad!.faults = { onlyComments: true }
    const buyer = await world.buyer({ settings: { stallMs: 400, resumeTries: 0 } })
    const request = ask('comments', 6)
    const { text, result } = await bought(buyer, request)
    assert.equal(text, answerOf(request))
    assert.deepEqual(result.providers, [good!.providerId])
  })

  it('floods with statements: is cut off before they cost more than a few hundred signatures', async () => {
    const [bad] = world.providers
    bad!.faults = { repeatsCheckpoint: 1_000 }
    const buyer = await world.buyer()
    const request = ask('flood', 6)
    const { text } = await bought(buyer, request)
    assert.equal(text, answerOf(request))
    const channel = buyer.channels().find(({ providerId }) => providerId === bad!.providerId)!
    assert.match(channel.fault ?? '', /statements/)
  })

  it('claims more than it proved: the claim is seen, and its channel is given up', async () => {
    const [bad] = world.providers
    const buyer = await world.buyer()
    await bought(buyer, ask('greedy', 5))
    const { voucherWei, owedWei } = buyer.channels()[0]!
    assert.ok(voucherWei > owedWei)
    await bad!.claim(voucherWei)
    await until('the claim is seen', () => buyer.channels()[0]!.overclaimedWei === voucherWei - owedWei)
    assert.ok(voucherWei - owedWei <= smallMoney.strangerCapWei)
    await until('it is given up', () => buyer.channels()[0]!.fault !== null)
    const { result } = await bought(buyer, ask('greedy again', 5))
    assert.notEqual(result.streamIds.length, 0)
    assert.notEqual(
      buyer.channels().filter(({ fault }) => fault === null)[0]?.channelId,
      buyer.channels()[0]!.channelId,
    )
  })

  it('tells two stories about one stream: the first stands, and nothing more is owed', async () => {
    const [bad] = world.providers
    bad!.resumeMs = 50
    // cut before the end, so that the end is asked for a second time
    bad!.faults = { cutAfterEvents: 4, equivocates: true }
    const buyer = await world.buyer({ settings: { resumeTries: 1, resumeAfterMs: 300 } })
    const request = ask('two stories', 6)
    const { text } = await bought(buyer, request)
    assert.equal(text, answerOf(request))
    const channel = buyer.channels().find(({ providerId }) => providerId === bad!.providerId)!
    assert.match(channel.fault ?? '', /outputHash/)
    bad!.resumeMs = 500
  })

  it('error: nobody is left: STREAM_CUT names the streams and what they cost', async () => {
    const [bad, good] = world.providers
    bad!.faults = { failsAfter: 3 }
    good!.faults = { failsAfter: 2 }
    const buyer = await world.buyer({ settings: { attempts: 2 } })
    await assert.rejects(
      bought(buyer, ask('lost', 12), duck),
      (error: { code: string; details: Record<string, unknown> }) => {
        assert.equal(error.code, 'STREAM_CUT')
        assert.equal((error.details.streamIds as string[]).length, 2)
        assert.ok(BigInt(error.details.costWei as string) > 0n)
        return true
      },
    )
  })
})
