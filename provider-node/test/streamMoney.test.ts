import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { firstHead, lastHead, parseDuck, type Stream, streamCeilingWei } from '@duckmesh/protocol'
import type { Node } from '../src/createNode.ts'
import type { SimulatedEngine } from './simulatedEngine.ts'
import { completion, type Given, type StreamClient } from './streamClient.ts'
import { codeOf, gate, offer, prices, type StreamWorld, startStreamWorld } from './streamWorld.ts'
import { until } from './testWorld.ts'

const request = completion({ maxTokens: 20 })
/** Price of the whole answer of the simulated engine: request, four tokens of prompt, twenty of answer. */
const wholeWei = prices.requestWei + 4n * prices.promptTokenWei + 20n * prices.tokenWei

const errorOf = ({ end }: Given) => (end?.error as { code: string } | undefined)?.code

describe('money of streams', () => {
  let world: StreamWorld
  let node: Node
  let engine: SimulatedEngine
  before(async () => {
    world = await startStreamWorld()
    ;({ node, engine } = await world.streamNode(0))
  })
  after(() => world.stop())

  const client = (amountWei?: bigint) => world.client(node, 0, amountWei)
  const stream = (buyer: StreamClient, fields: Partial<Stream> = {}) =>
    buyer.stream(offer, world.policy, request, fields)

  test('costs what was used and nothing of the rest of the voucher', async () => {
    const buyer = await client()
    const one = stream(buyer)
    const given = await buyer.run(one, request)
    assert.equal(given.end?.receipt.receipt.amountWei, wholeWei)
    assert.equal(given.end?.receipt.receipt.completionTokens, 20)
    assert.ok(streamCeilingWei(one, request) > wholeWei)
    const two = await buyer.run(stream(buyer), request)
    assert.equal(two.end?.owedWei, 2n * wholeWei)
    const { owedWei, claimedWei } = await buyer.books()
    assert.deepEqual([owedWei, claimedWei], [2n * wholeWei, 0n])
  })

  test('a stranger pays step by step; each step is asked for, and the answer is whole', async () => {
    const buyer = await client()
    const leastWei = prices.requestWei + prices.tokenWei
    const small = completion({ maxTokens: 200 })
    const terms = buyer.stream(offer, world.policy, small)
    assert.equal(await codeOf(buyer.run(terms, small, { voucherWei: leastWei })), 'VOUCHER_TOO_LOW')
    const given = await buyer.run(terms, small, { voucherWei: prices.strangerCapWei })
    assert.equal(given.end?.finishReason, 'length')
    assert.ok(given.pays.length >= 10, `${given.pays.length} steps`)
    const paid = given.pays.map((wei) => wei - prices.strangerCapWei)
    assert.ok(
      paid.every((wei) => wei <= 200n * prices.tokenWei),
      'never asked for more than the answer can cost',
    )
    assert.equal(given.chunks.flatMap(({ tokens }) => tokens).length, 200)
  })

  test('who does not pay gets what was paid for, with a receipt for exactly that', async () => {
    const buyer = await client()
    const small = completion({ maxTokens: 200 })
    const terms = buyer.stream(offer, world.policy, small)
    const given = await buyer.run(terms, small, { voucherWei: prices.strangerCapWei, pay: () => undefined })
    assert.equal(given.end?.finishReason, 'unpaid')
    assert.equal(errorOf(given), 'VOUCHER_TOO_LOW')
    const { amountWei, completionTokens } = given.end!.receipt.receipt
    assert.ok(amountWei <= prices.strangerCapWei && amountWei > prices.strangerCapWei - prices.tokenWei)
    assert.equal(given.chunks.flatMap(({ tokens }) => tokens).length, completionTokens)
  })

  test('a voucher for less than asked lets the stream go on as far as it reaches', async () => {
    const buyer = await client()
    const small = completion({ maxTokens: 200 })
    const more = prices.strangerCapWei + 3n * prices.tokenWei
    const given = await buyer.run(buyer.stream(offer, world.policy, small), small, {
      voucherWei: prices.strangerCapWei,
      pay: () => more,
    })
    assert.equal(given.end?.finishReason, 'unpaid')
    const { amountWei } = given.end!.receipt.receipt
    assert.ok(amountWei <= more && amountWei > prices.strangerCapWei)
  })

  test('nothing given costs nothing: an engine that fails at once charges no request', async () => {
    const buyer = await client()
    engine.script.failAt = 0
    try {
      const given = await buyer.run(stream(buyer), request)
      assert.equal(given.end?.finishReason, 'error')
      assert.equal(errorOf(given), 'EXECUTOR_FAILED')
      const { amountWei, promptTokens, outputHash } = given.end!.receipt.receipt
      assert.deepEqual(
        [amountWei, promptTokens, outputHash],
        [0n, 0, lastHead(firstHead(given.streamId), 'error')],
      )
    } finally {
      engine.script.failAt = undefined
    }
    assert.equal((await buyer.books()).owedWei, 0n)
  })

  test('an engine that fails on the way is paid for what it gave', async () => {
    const buyer = await client()
    engine.script.failAt = 7
    try {
      const given = await buyer.run(stream(buyer), request)
      assert.equal(given.end?.finishReason, 'error')
      assert.equal(given.end?.receipt.receipt.completionTokens, 7)
      assert.equal(given.chunks.flatMap(({ tokens }) => tokens).length, 7)
    } finally {
      engine.script.failAt = undefined
    }
  })

  test('an engine that counts more prompt than there can be is not paid', async () => {
    const buyer = await client()
    engine.script.promptTokens = 10_000
    try {
      const given = await buyer.run(stream(buyer), request)
      assert.equal(errorOf(given), 'EXECUTOR_FAILED')
      assert.equal(given.end?.receipt.receipt.amountWei, 0n)
    } finally {
      engine.script.promptTokens = 4
    }
  })

  test('pieces without token ids count one each and are not joined', async () => {
    const buyer = await client()
    engine.script.tells = false
    try {
      const given = await buyer.run(stream(buyer), request)
      assert.equal(given.chunks.length, 20)
      assert.equal(given.end?.receipt.receipt.amountWei, wholeWei)
    } finally {
      engine.script.tells = true
    }
  })

  describe('side by side', () => {
    test('two streams never give more than their one voucher, and both end paid to the chunk', async () => {
      const buyer = await client()
      const small = completion({ maxTokens: 100 })
      const bothWei = 2n * prices.strangerCapWei
      const held = gate(0)
      engine.script.beforeToken = held.beforeToken
      const part = { voucherWei: bothWei, pay: () => undefined }
      const runs = [0, 1].map(() => buyer.run(buyer.stream(offer, world.policy, small), small, part))
      await until('both run', () => engine.running === 2)
      engine.script.beforeToken = () => undefined
      held.open()
      const [one, two] = await Promise.all(runs)
      const amounts = [one!, two!].map(({ end }) => end!.receipt.receipt.amountWei)
      assert.ok(amounts[0]! + amounts[1]! <= bothWei)
      assert.ok(amounts[0]! + amounts[1]! > bothWei - 2n * prices.tokenWei, 'and as much as it holds')
      assert.equal((await buyer.books()).owedWei, amounts[0]! + amounts[1]!)
    })

    test('the second of two that race for one reserve is refused at the door', async () => {
      const buyer = await client(6_000n)
      const held = gate(0)
      engine.script.beforeToken = held.beforeToken
      const part = { voucherWei: 6_000n }
      const results = [0, 1].map(() => codeOf(buyer.run(stream(buyer), request, part)))
      await until('one runs', () => engine.running === 1)
      held.open()
      engine.script.beforeToken = () => undefined
      const codes = await Promise.all(results)
      assert.deepEqual(codes.toSorted(), ['CHANNEL_EXHAUSTED', 'none'])
    })

    test('a channel that holds too little is exhausted, with what is missing', async () => {
      const buyer = await client(2_000n)
      const error = await buyer
        .run(stream(buyer), request, { voucherWei: parseDuck('0.5') })
        .catch((thrown) => thrown)
      assert.equal(error.code, 'CHANNEL_EXHAUSTED')
      assert.deepEqual([error.details.fundedWei, BigInt(error.details.neededWei) > 2_000n], ['2000', true])
    })
  })

  describe('the channel changes', () => {
    test('a top-up while the stream waits lets it go on', async () => {
      const buyer = await client(5_000n)
      const small = completion({ maxTokens: 100 })
      const given = await buyer.run(buyer.stream(offer, world.policy, small), small, {
        voucherWei: parseDuck('0.5'),
        pay: () => undefined,
        on: async (name, { pays }) => {
          if (name === 'pay' && pays.length === 1) {
            await world.mesh.send(buyer.payer, 'topUp', [buyer.config, parseDuck('0.1')])
          }
          return undefined
        },
      })
      assert.equal(given.end?.finishReason, 'length')
      assert.equal(given.chunks.flatMap(({ tokens }) => tokens).length, 100)
    })

    test('a close that is started lets the running stream end, is claimed at once, and admits no other', async () => {
      const buyer = await client()
      const held = gate(5)
      engine.script.beforeToken = held.beforeToken
      const running = buyer.run(stream(buyer), request)
      await held.reached
      await world.mesh.send(buyer.payer, 'startClose', [buyer.config])
      await until('it is seen', async () => (await buyer.books()).closableAfter > 0)
      const partWei = prices.requestWei + 4n * prices.promptTokenWei + 5n * prices.tokenWei
      await until(
        'what was given so far is claimed',
        async () => (await buyer.onChain()).claimedWei === partWei,
      )
      assert.equal(await codeOf(buyer.run(stream(buyer), request)), 'CHANNEL_CLOSING')
      held.open()
      engine.script.beforeToken = () => undefined
      assert.equal((await running).end?.finishReason, 'length')
      await until('the rest is claimed', async () => (await buyer.onChain()).claimedWei === wholeWei)
      await world.mesh.send(buyer.payer, 'topUp', [buyer.config, 1n])
      const isServed = async () => (await codeOf(buyer.run(stream(buyer), request))) === 'none'
      await until('a top-up ends the close', isServed)
    })
  })
})
