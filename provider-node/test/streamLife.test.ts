import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { devPrivateKey } from '@duckmesh/local-chain'
import {
  type Chunk,
  firstHead,
  keyRotationTypedData,
  nextHead,
  parseDuck,
  type Stream,
} from '@duckmesh/protocol'
import type { Hex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import type { Node } from '../src/createNode.ts'
import type { SimulatedEngine } from './simulatedEngine.ts'
import { completion, type Given, type StreamClient } from './streamClient.ts'
import { codeOf, gate, healthOf, offer, type StreamWorld, startStreamWorld } from './streamWorld.ts'
import { until } from './testWorld.ts'

const request = completion({ maxTokens: 20 })
const headAfter = (streamId: Hex, chunks: Chunk[]): Hex => chunks.reduce(nextHead, firstHead(streamId))
const tokensOf = ({ chunks }: Given): number[] => chunks.flatMap(({ tokens }) => tokens)
const whole = Array.from({ length: 20 }, (_, index) => index)

describe('life of a stream', () => {
  let world: StreamWorld
  let node: Node
  let engine: SimulatedEngine
  before(async () => {
    world = await startStreamWorld()
    ;({ node, engine } = await world.streamNode(0, {
      fields: { STREAM_WAITING: '2', STREAM_PER_CHANNEL: '3' },
    }))
  })
  afterEach(() => {
    engine.script.beforeToken = () => undefined
  })
  after(() => world.stop())

  const client = (amountWei?: bigint) => world.client(node, 0, amountWei)
  const terms = (buyer: StreamClient, fields: Partial<Stream> = {}) =>
    buyer.stream(offer, world.policy, request, fields)
  /** Hangs up after so many tokens. */
  const leaveAfter = (count: number) => ({
    on: (_name: string, given: Given) => tokensOf(given).length < count,
  })

  describe('a client that loses its connection', () => {
    test('comes back for the rest: the answer is whole, run once and paid once', async () => {
      const buyer = await client()
      const [stream, held] = [terms(buyer), gate(10)]
      engine.script.beforeToken = held.beforeToken
      const started = engine.started
      const first = await buyer.run(stream, request, leaveAfter(3))
      await held.reached
      held.open()
      const rest = await buyer.run(stream, request, {
        afterChunks: first.chunks.length,
        head: headAfter(first.streamId, first.chunks),
      })
      assert.deepEqual([...tokensOf(first), ...tokensOf(rest)], whole)
      assert.equal(rest.end?.finishReason, 'length')
      assert.equal(engine.started, started + 1)
      assert.equal((await buyer.books()).owedWei, rest.end?.receipt.receipt.amountWei)
    })

    test('and does not come back is paid up to the last chunk, and gets the same end ever after', async () => {
      const buyer = await client()
      const [stream, held] = [terms(buyer), gate(5)]
      engine.script.beforeToken = held.beforeToken
      const first = await buyer.run(stream, request, leaveAfter(5))
      await until('it is cut', async () => (await buyer.books()).openStreams.length === 0)
      assert.equal(engine.running, 0, 'the engine was stopped')
      const again = [await buyer.run(stream, request), await buyer.run(stream, request)]
      for (const one of again) {
        assert.deepEqual(tokensOf(one).slice(0, 5), tokensOf(first))
        assert.equal(one.end?.finishReason, 'cut')
        assert.equal(one.end?.receipt.receipt.completionTokens, 5)
      }
      assert.equal(again[0]?.end?.receipt.signature, again[1]?.end?.receipt.signature, 'one receipt')
    })

    test('takes the place of its former self when that hangs on', async () => {
      const buyer = await client()
      const [stream, held] = [terms(buyer), gate(5)]
      engine.script.beforeToken = held.beforeToken
      const first = buyer.run(stream, request)
      await held.reached
      const second = buyer.run(stream, request)
      assert.equal((await first).end, undefined, 'the first is let go')
      held.open()
      assert.deepEqual(tokensOf(await second), whole)
    })

    test('cannot come back beyond the end, nor with other terms under its nonce', async () => {
      const buyer = await client()
      const stream = terms(buyer)
      await buyer.run(stream, request)
      assert.equal(await codeOf(buyer.run(stream, request, { afterChunks: 900 })), 'BAD_REQUEST')
      const other = { ...stream, expiresAt: stream.expiresAt + 1 }
      assert.equal(await codeOf(buyer.run(other, request)), 'STREAM_KNOWN')
      const another = completion({ maxTokens: 3 })
      assert.equal(await codeOf(buyer.run(stream, another)), 'INPUT_MISMATCH')
    })

    test('twice at the same moment is one stream', async () => {
      const buyer = await client()
      const [stream, held] = [terms(buyer), gate(0)]
      engine.script.beforeToken = held.beforeToken
      const started = engine.started
      const both = [buyer.run(stream, request), buyer.run(stream, request)]
      await held.reached
      held.open()
      const ends = (await Promise.all(both)).flatMap(({ end }) => end ?? [])
      assert.equal(engine.started, started + 1)
      assert.equal(ends.length, 1)
    })
  })

  test('a fast engine’s tokens gather behind the first, the end is not held back, and no checkpoint stands before it', async () => {
    // longer than the test waits for anything
    const { node: other } = await world.streamNode(5, { fields: { STREAM_CHUNK_MS: '1000' } })
    const buyer = await world.client(other, 5)
    const given = await buyer.run(terms(buyer), request)
    assert.deepEqual(tokensOf(given), whole)
    assert.ok(given.chunks.length <= 2, `${given.chunks.length} chunks`)
    assert.notEqual(given.events.at(-2), 'checkpoint')
    assert.equal(given.end?.finishReason, 'length')
  })

  test('one that hangs in the engine is its fault; one that found no slot in time is told when to come again', async () => {
    const { node: other, engine: held } = await world.streamNode(4, {
      slots: 1,
      fields: { STREAM_ENGINE_MS: '300', STREAM_RESUME_MS: '60000' },
    })
    const buyer = await world.client(other, 4)
    const endOf = async () => {
      const { end } = await buyer.run(terms(buyer), request)
      return { ...(end!.error as { code: string; details: { retryAfterMs?: number } }), end: end! }
    }
    held.script.beforePrompt = () => new Promise(() => undefined)
    held.running += 1 // another lane has the slot
    const waited = await endOf()
    assert.equal(waited.code, 'EXECUTOR_BUSY')
    assert.ok(waited.details.retryAfterMs! > 0)
    assert.equal(waited.end.receipt.receipt.amountWei, 0n)
    held.running -= 1
    assert.equal((await endOf()).code, 'EXECUTOR_TIMEOUT', 'it had the slot')
    held.script.beforePrompt = () => undefined
    held.script.beforeToken = gate(0).beforeToken
    held.running += 1
    assert.equal((await endOf()).code, 'EXECUTOR_TIMEOUT', 'it had begun')
  })

  test('a node that stops ends its streams with a receipt, and claims what they owe', async () => {
    const { node: other, engine: held, restart } = await world.streamNode(1)
    const buyer = await world.client(other, 1)
    const stop = gate(4)
    held.script.beforeToken = stop.beforeToken
    const running = buyer.run(terms(buyer), request)
    await stop.reached
    await until('four are given', async () => (await buyer.books()).owedWei > 0n)
    await other.stop()
    const { end } = await running
    assert.equal(end?.finishReason, 'cut')
    const { amountWei } = end!.receipt.receipt
    assert.ok(amountWei > 0n)
    assert.equal((await buyer.onChain()).claimedWei, amountWei)
    const again = await restart()
    buyer.url = () => again.address().url
    assert.equal((await buyer.books()).owedWei, amountWei)
  })

  test('a price change holds for streams that come after it, also across a restart', async () => {
    const { node: other, engine: held, restart } = await world.streamNode(2)
    const buyer = await world.client(other, 2)
    const stop = gate(4)
    held.script.beforeToken = stop.beforeToken
    const stream = terms(buyer)
    const first = await buyer.run(stream, request, leaveAfter(4))
    await other.stop()
    held.script.beforeToken = () => undefined
    const again = await restart({ STREAM_TOKEN_DUCK: '0.5' })
    buyer.url = () => again.address().url
    const rest = await buyer.run(stream, request, {
      afterChunks: first.chunks.length,
      head: headAfter(first.streamId, first.chunks),
    })
    assert.equal(rest.end?.finishReason, 'cut')
    const error = await buyer.run(terms(buyer), request).catch((thrown) => thrown)
    assert.equal(error.code, 'STREAM_PRICE')
    assert.equal(error.details.offer.tokenWei, `${parseDuck('0.5')}`)
  })

  test('when the owner replaces the signing key, running streams end as begun and no other begins', async () => {
    const { node: other, engine: held } = await world.streamNode(3)
    const buyer = await world.client(other, 3)
    const stop = gate(4)
    held.script.beforeToken = stop.beforeToken
    const running = buyer.run(terms(buyer), request)
    await stop.reached
    const owner = privateKeyToAccount(devPrivateKey(10))
    const next = privateKeyToAccount(devPrivateKey(40))
    const rotation = { providerId: other.providerId, newKey: next.address, keyEpoch: 1 }
    const proof = await next.signTypedData(keyRotationTypedData(world.mesh.domain, rotation))
    await world.mesh.send(owner, 'rotateKey', [other.providerId, next.address, proof])
    await until('it is noticed', async () => (await healthOf(other)).streaming.status === 'closed')
    assert.equal(await codeOf(buyer.run(terms(buyer), request)), 'NOT_REGISTERED')
    stop.open()
    const { end } = await running
    assert.equal(end?.finishReason, 'length')
    assert.equal((await healthOf(other)).status, 'degraded')
  })
})
