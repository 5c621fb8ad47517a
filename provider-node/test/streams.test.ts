import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { devPrivateKey } from '@duckmesh/local-chain'
import { hashCanonical, parseDuck, streamCeilingWei } from '@duckmesh/protocol'
import { privateKeyToAccount } from 'viem/accounts'
import type { Node } from '../src/createNode.ts'
import { completion, StreamClient } from './streamClient.ts'
import { startWorld, type TestWorld, until } from './testWorld.ts'

const offer = {
  apis: ['completion' as const],
  givesLogprobs: false,
  requestWei: 0n,
  promptTokenWei: parseDuck('0.00002'),
  tokenWei: parseDuck('0.0001'),
  strangerCapWei: parseDuck('0.05'),
  slots: 1,
  busy: 0,
}

describe('streaming lane', () => {
  let world: TestWorld
  let node: Node
  before(async () => {
    world = await startWorld()
    node = await world.node(
      0,
      {},
      { STREAM_CHECKPOINT_TOKENS: '8', CLAIM_ENOUGH_DUCK: '0.0001', CLAIM_LEAST_DUCK: '0.0001' },
    )
  })
  after(() => world.stop())

  const client = () =>
    new StreamClient({
      mesh: world.mesh,
      payer: world.buyer,
      payerKey: privateKeyToAccount(devPrivateKey(20)),
      signingKey: privateKeyToAccount(devPrivateKey(5)).address,
      providerId: node.providerId,
      url: () => node.address().url,
    })
  const policy = () => hashCanonical(world.executor.profile)

  test('a stream is given, checked, paid and claimed, to the wei', async () => {
    const buyer = client()
    await buyer.openChannel(parseDuck('1'))
    // so many that they cannot all be there with the first: what comes with the end needs no checkpoint
    const request = completion({ maxTokens: 160 })
    const stream = buyer.stream(offer, policy(), request)
    const given = await buyer.run(stream, request)
    assert.equal(given.events[0], 'open')
    assert.equal(given.end?.finishReason, 'length')
    assert.ok(given.text.length > 10, given.text)
    assert.ok(given.checkpoints >= 1)
    const { amountWei } = given.end!.receipt.receipt
    assert.ok(amountWei > 0n && amountWei <= streamCeilingWei(stream, request))
    assert.equal(given.end!.owedWei, amountWei)
    const books = await buyer.books()
    assert.deepEqual(
      [books.owedWei, books.fundedWei, books.openStreams, books.voucherWei >= amountWei],
      [amountWei, parseDuck('1'), [], true],
    )
    await until('claimed', async () => (await buyer.onChain()).claimedWei === amountWei)
  })
})
