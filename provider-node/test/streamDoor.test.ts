import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { devPrivateKey } from '@duckmesh/local-chain'
import { limits, nodeRoutes, parseDuck, type Stream, stringifyWire } from '@duckmesh/protocol'
import { privateKeyToAccount } from 'viem/accounts'
import type { Node } from '../src/createNode.ts'
import type { SimulatedEngine } from './simulatedEngine.ts'
import { completion, type StreamClient } from './streamClient.ts'
import { codeOf, gate, healthOf, offer, type StreamWorld, startStreamWorld } from './streamWorld.ts'
import { until } from './testWorld.ts'

const request = completion({ maxTokens: 20 })

describe('the door of the streaming lane', () => {
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

  describe('refuses', () => {
    const refused = async (fields: Partial<Stream>, prepare?: (buyer: StreamClient) => StreamClient) => {
      const buyer = prepare ? prepare(await client(0n)) : await client()
      return codeOf(buyer.run(terms(buyer, fields), request))
    }

    for (const [title, code, fields] of [
      ['another price', 'STREAM_PRICE', { tokenWei: 1n }],
      ['another profile', 'UNKNOWN_MODEL', { policy: `0x${'11'.repeat(32)}` }],
      ['another request', 'INPUT_MISMATCH', { requestHash: `0x${'11'.repeat(32)}` }],
      ['a mode that needs seats', 'UNSUPPORTED_MODE', { mode: 1 }],
      ['another channel than the one it shows', 'BAD_REQUEST', { channelId: `0x${'11'.repeat(32)}` }],
      ['what has expired', 'STREAM_EXPIRED', { expiresAt: 1_000 }],
      [
        'what expires too far ahead',
        'STREAM_EXPIRED',
        { expiresAt: Math.floor(Date.now() / 1_000) + 100_000 },
      ],
    ] as const) {
      test(`${title} with ${code}`, async () => {
        assert.equal(await refused(fields), code)
      })
    }

    test('a channel that is not on chain, of another provider, or with too short a delay', async () => {
      assert.equal(await refused({}, (buyer) => buyer), 'CHANNEL_UNKNOWN')
      const elsewhere = await world.client({ ...node, providerId: 77 } as Node, 0, 0n, {
        url: () => node.address().url,
      })
      assert.equal(await codeOf(elsewhere.run(terms(elsewhere), request)), 'CHANNEL_UNKNOWN')
      const short = await world.client(node, 0, 0n, { withdrawDelay: 899 })
      assert.equal(await codeOf(short.run(terms(short), request)), 'CHANNEL_CLOSING')
    })

    test('anybody but payer and payer key, here and at the books', async () => {
      const buyer = await client()
      const stranger = privateKeyToAccount(devPrivateKey(33))
      await buyer.run(terms(buyer), request)
      assert.equal(await codeOf(buyer.books(stranger)), 'FORBIDDEN')
      assert.equal((await buyer.books(buyer.payer)).channelId, buyer.channelId)
      const body = {
        stream: terms(buyer),
        channel: buyer.config,
        voucher: await buyer.voucher(parseDuck('0.5')),
        request,
      }
      const answer = await buyer.post(body, undefined, stranger)
      assert.equal(answer.status, 403)
      const nobody = await fetch(node.address().url + nodeRoutes.openStream.path, {
        method: 'POST',
        body: '{}',
      })
      assert.equal(nobody.status, 401)
    })

    test('more streams than a channel may have, and than the engine has room for, with the time to wait', async () => {
      const [one, two] = [await client(), await client()]
      const held = gate(0)
      engine.script.beforeToken = held.beforeToken
      const running = [one, one, one, two, two, two].map((buyer) =>
        buyer.run(terms(buyer), request, { voucherWei: parseDuck('0.9') }),
      )
      await until('all are in', async () => (await healthOf(node)).streaming.openStreams === 6)
      const body = async (buyer: StreamClient) =>
        buyer.post({
          stream: terms(buyer),
          channel: buyer.config,
          voucher: await buyer.voucher(parseDuck('0.9')),
          request,
        })
      const third = await client()
      const [tooMany, busy] = [await body(one), await body(third)]
      assert.equal(tooMany.status, 429)
      assert.equal(busy.status, 503)
      assert.ok(Number(busy.headers.get('retry-after')) >= 1)
      const { error } = (await busy.json()) as { error: { code: string; retryable: boolean } }
      assert.deepEqual([error.code, error.retryable], ['EXECUTOR_BUSY', true])
      held.open()
      for (const given of await Promise.all(running)) assert.equal(given.end?.finishReason, 'length')
      assert.equal(
        (await third.run(terms(third), request)).end?.finishReason,
        'length',
        'there is room again',
      )
    })
  })

  describe('hostile bodies', () => {
    const answerTo = async (text: string) => {
      const buyer = await client(0n)
      const response = await buyer.post(text)
      const { error } = (await response.json()) as { error: { code: string } }
      return [response.status, error.code]
    }
    const valid = async () => {
      const buyer = await client(0n)
      const voucher = await buyer.voucher(1n)
      return { stream: terms(buyer), channel: buyer.config, voucher, request }
    }

    test('malformed, too deep, too large, and of the wrong shape', async () => {
      assert.deepEqual(await answerTo('{"stream":'), [400, 'BAD_REQUEST'])
      assert.deepEqual(await answerTo('['.repeat(5_000_000)), [400, 'BAD_REQUEST'])
      const deep = `${'{"a":'.repeat(100)}1${'}'.repeat(100)}`
      assert.deepEqual(await answerTo(deep), [400, 'BAD_REQUEST'])
      assert.deepEqual(await answerTo(`"${'x'.repeat(limits.maxStreamBodyBytes)}"`), [413, 'BODY_TOO_LARGE'])
      assert.deepEqual(await answerTo('null'), [400, 'BAD_REQUEST'])
      assert.deepEqual(await answerTo('{"__proto__":{"stream":1}}'), [400, 'BAD_REQUEST'])
    })

    test('with one field too many, out of range, or of another type', async () => {
      const good = await valid()
      for (const bad of [
        { ...good, more: 1 },
        { ...good, stream: { ...good.stream, tokenWei: -1 } },
        { ...good, stream: { ...good.stream, tokenWei: '99999999999999999999999999999' } },
        { ...good, stream: { ...good.stream, nonce: '18446744073709551616' } },
        { ...good, voucher: { ...good.voucher, signature: '0x00' } },
        { ...good, afterChunks: -1 },
        { ...good, request: { ...request, maxTokens: 1e9 } },
        { ...good, request: { ...request, temperature: '0' } },
        { ...good, request: undefined },
        { ...good, sealed: { encapsulated: 'AAAA', ciphertext: 'AAAA' } },
      ]) {
        assert.deepEqual(await answerTo(stringifyWire(bad)), [400, 'BAD_REQUEST'])
      }
    })

    test('brackets inside of texts are no nesting', async () => {
      const buyer = await client()
      const brackets = completion({ maxTokens: 2, prompt: '[[{"\\'.repeat(50) })
      const given = await buyer.run(buyer.stream(offer, world.policy, brackets), brackets)
      assert.equal(given.end?.finishReason, 'length')
    })
  })
})
