import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { devPrivateKey } from '@duckmesh/local-chain'
import { parseDuck, type Stream, voucherTypedData } from '@duckmesh/protocol'
import { concat, type Hex, hexToBigInt, numberToHex, slice } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import type { Node } from '../src/createNode.ts'
import type { SimulatedEngine } from './simulatedEngine.ts'
import { completion, type StreamClient } from './streamClient.ts'
import { codeOf, gate, offer, prices, type StreamWorld, startStreamWorld } from './streamWorld.ts'

/** Order of secp256k1. */
const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
const request = completion({ maxTokens: 20 })
const wholeWei = prices.requestWei + 4n * prices.promptTokenWei + 20n * prices.tokenWei
const stranger = privateKeyToAccount(devPrivateKey(31))

describe('vouchers', () => {
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

  test('of another key, channel, chain or contract are refused', async () => {
    const [buyer, other] = [await client(), await client()]
    const amountWei = parseDuck('0.5')
    const voucher = { channelId: buyer.channelId, maxCumulativeWei: amountWei }
    const { domain } = world.mesh
    const signed = (typed: ReturnType<typeof voucherTypedData>, signer = buyer.payerKey) =>
      signer.signTypedData(typed)
    const forged: Record<string, Hex> = {
      'another key': await signed(voucherTypedData(domain, voucher), stranger),
      'the payer instead of its key': await signed(voucherTypedData(domain, voucher), buyer.payer),
      'another channel': await signed(voucherTypedData(domain, { ...voucher, channelId: other.channelId })),
      'another chain': await signed(voucherTypedData({ ...domain, chainId: 1 }, voucher)),
      'another contract': await signed(
        voucherTypedData({ ...domain, verifyingContract: world.mesh.token }, voucher),
      ),
      'another amount': await signed(
        voucherTypedData(domain, { ...voucher, maxCumulativeWei: amountWei - 1n }),
      ),
    }
    for (const [name, signature] of Object.entries(forged)) {
      const body = {
        stream: stream(buyer),
        channel: buyer.config,
        voucher: { maxCumulativeWei: amountWei, signature },
        request,
      }
      const answer = (await (await buyer.post(body)).json()) as { error?: { code: string } }
      assert.equal(answer.error?.code, 'BAD_SIGNATURE', name)
    }
  })

  test('in a form that the contract does not take are refused, although they recover', async () => {
    const buyer = await client()
    const { signature, maxCumulativeWei } = await buyer.voucher(parseDuck('0.5'))
    const [r, s, v] = [slice(signature, 0, 32), slice(signature, 32, 64), slice(signature, 64)]
    const flipped: Hex = v === '0x1b' ? '0x1c' : '0x1b'
    const twins = {
      'high s': concat([r, numberToHex(N - hexToBigInt(s), { size: 32 }), flipped]),
      'v of 0 or 1': concat([r, s, v === '0x1b' ? '0x00' : '0x01']),
    }
    for (const [name, twin] of Object.entries(twins)) {
      const body = {
        stream: stream(buyer),
        channel: buyer.config,
        voucher: { maxCumulativeWei, signature: twin },
        request,
      }
      const answer = (await (await buyer.post(body)).json()) as { error?: { code: string } }
      assert.equal(answer.error?.code, 'BAD_SIGNATURE', name)
    }
  })

  test('that were used before pay nothing twice', async () => {
    const buyer = await client()
    const enoughWei = wholeWei + 3_000n
    await buyer.run(stream(buyer), request, { voucherWei: enoughWei })
    const again = buyer.run(stream(buyer), request, { voucherWei: enoughWei })
    assert.equal(await codeOf(again), 'VOUCHER_TOO_LOW', 'the same voucher covers one stream')
    const lower = buyer.run(stream(buyer), request, { voucherWei: enoughWei - 1n })
    assert.equal(await codeOf(lower), 'VOUCHER_TOO_LOW')
    assert.equal((await buyer.books()).voucherWei, enoughWei, 'the largest stands')
  })

  test('that come lower during a stream change nothing', async () => {
    const buyer = await client()
    const held = gate(5)
    engine.script.beforeToken = held.beforeToken
    const running = buyer.run(stream(buyer), request)
    await held.reached
    const before = await buyer.books()
    const [streamId] = before.openStreams
    assert.equal((await buyer.pay(streamId!, 1n)).voucherWei, before.voucherWei)
    assert.equal(await codeOf(buyer.pay(streamId!, parseDuck('0.9'), stranger)), 'BAD_SIGNATURE')
    held.open()
    engine.script.beforeToken = () => undefined
    assert.equal((await running).end?.finishReason, 'length')
  })
})
