import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { devPrivateKey } from '@duckmesh/local-chain'
import { DuckMeshError, duckMeshAbi, parseDuck } from '@duckmesh/protocol'
import { type Hex, parseEventLogs } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { connectChain } from '../src/adapters/connectChain.ts'
import { systemClock } from '../src/adapters/systemClock.ts'
import type { Chain } from '../src/ports/chain.ts'
import { startRpcProxy } from './rpcProxy.ts'
import { completion, type StreamClient } from './streamClient.ts'
import { codeOf, healthOf, offer, prices, type StreamWorld, startStreamWorld } from './streamWorld.ts'
import { until } from './testWorld.ts'

const request = completion({ maxTokens: 20 })
const wholeWei = prices.requestWei + 4n * prices.promptTokenWei + 20n * prices.tokenWei
const duckOf = (wei: bigint): string => `0.${wei.toString().padStart(18, '0')}`

describe('claims', () => {
  let world: StreamWorld
  before(async () => {
    world = await startStreamWorld()
  })
  after(() => world.stop())

  const run = (buyer: StreamClient) => buyer.run(buyer.stream(offer, world.policy, request), request)
  async function claimEvents(providerId: number) {
    const logs = await world.mesh.reader.getLogs({ address: world.mesh.mesh, fromBlock: 0n })
    return parseEventLogs({ abi: duckMeshAbi, logs, eventName: 'ClaimsPaid' }).filter(
      ({ args }) => args.providerId === providerId,
    )
  }
  const claimedOf = (buyers: StreamClient[]) =>
    Promise.all(buyers.map(async (buyer) => (await buyer.onChain()).claimedWei))

  test('of many channels travel together when the node stops, and none twice after it', async () => {
    const { node, restart } = await world.streamNode(0)
    const buyers = [await world.client(node, 0), await world.client(node, 0), await world.client(node, 0)]
    for (const buyer of buyers) await run(buyer)
    assert.deepEqual(await claimedOf(buyers), [0n, 0n, 0n], 'not worth it yet')
    await node.stop()
    assert.deepEqual(await claimedOf(buyers), [wholeWei, wholeWei, wholeWei])
    const events = await claimEvents(node.providerId)
    assert.equal(events.length, 1)
    assert.equal(events[0]?.args.earnedWei, 3n * wholeWei)
    const again = await restart()
    await again.stop()
    assert.equal((await claimEvents(node.providerId)).length, 1)
  })

  test('wait until they are worth their gas, and come with the round', async () => {
    const fields = { CLAIM_LEAST_DUCK: duckOf(2n * wholeWei), CLAIM_EVERY_SECONDS: '1' }
    const { node } = await world.streamNode(1, { fields })
    const buyer = await world.client(node, 1)
    await run(buyer)
    await new Promise((resolve) => setTimeout(resolve, 2_000))
    assert.deepEqual(await claimedOf([buyer]), [0n], 'a round passed')
    await run(buyer)
    await until('claimed', async () => (await buyer.onChain()).claimedWei === 2n * wholeWei)
  })

  test('that are mined although their answer is lost are found on chain and not sent again', async () => {
    const rpcUrl = world.chain.rpcUrl
    const account = privateKeyToAccount(devPrivateKey(8))
    const chain = await connectChain({ rpcUrl, mesh: world.mesh.mesh, account, clock: systemClock })
    let lost = 0
    const deaf: Chain = {
      ...chain,
      unreachableSinceMs: undefined,
      send: async (call): Promise<Hex> => {
        const hash = await chain.send(call)
        if (call.kind !== 'claim') return hash
        lost += 1
        throw new DuckMeshError('CHAIN_UNAVAILABLE', 'The answer was lost.')
      },
    }
    const { node } = await world.streamNode(2, {
      overrides: { chain: deaf },
      fields: { CLAIM_ENOUGH_DUCK: duckOf(wholeWei) },
    })
    const buyer = await world.client(node, 2)
    await run(buyer)
    await until('claimed', async () => (await buyer.books()).claimedWei === wholeWei)
    await new Promise((resolve) => setTimeout(resolve, 500))
    assert.equal(lost, 1)
    assert.equal((await claimEvents(node.providerId)).length, 1)
  })

  test('of a channel that was closed behind the back of the node give nothing, are not repeated, and are owed still', async () => {
    const { node, restart } = await world.streamNode(3, { fields: { CLAIM_LEAST_DUCK: '1' } })
    const buyer = await world.client(node, 3)
    await run(buyer)
    await node.stop()
    await world.mesh.send(buyer.payer, 'startClose', [buyer.config])
    await world.chain.passSeconds(buyer.config.withdrawDelay + 1)
    await world.mesh.send(buyer.payer, 'close', [buyer.config])
    const again = await restart({ CLAIM_LEAST_DUCK: '0', CLAIM_ENOUGH_DUCK: duckOf(wholeWei) })
    buyer.url = () => again.address().url
    await new Promise((resolve) => setTimeout(resolve, 500))
    assert.equal((await claimEvents(node.providerId)).length, 0)
    assert.equal((await buyer.books()).owedWei, wholeWei)
    await world.mesh.send(buyer.payer, 'topUp', [buyer.config, 10_000n])
    await until('the old voucher is claimed', async () => (await buyer.onChain()).claimedWei === wholeWei)
  })

  test('without a chain nothing is served beyond what was confirmed, and nothing at all after a while', async () => {
    const proxy = await startRpcProxy(world.chain.rpcUrl)
    const fields = { RPC_URL: proxy.url, STREAM_CHAIN_GRACE_MS: '6000' }
    const { node } = await world.streamNode(4, { fields })
    const buyer = await world.client(node, 4, 8_000n)
    await run(buyer)
    proxy.cut()
    await until('it says so', async () => (await healthOf(node)).streaming.status === 'degraded')
    const { streaming } = await healthOf(node)
    assert.ok(Number(streaming.sinceMs) > 0 && String(streaming.reason).length > 0)
    assert.equal((await run(buyer)).end?.finishReason, 'length', 'what was confirmed still serves')
    const stranger = await world.client(node, 4)
    assert.equal(await codeOf(run(stranger)), 'CHAIN_UNAVAILABLE', 'a channel that cannot be seen does not')
    await world.mesh.send(buyer.payer, 'topUp', [buyer.config, parseDuck('1')])
    // a channel that was read a moment ago is not read again
    await new Promise((resolve) => setTimeout(resolve, 1_100))
    assert.equal(await codeOf(run(buyer)), 'CHAIN_UNAVAILABLE', 'nor a top-up')
    await until('it closes', async () => (await healthOf(node)).streaming.status === 'closed')
    assert.deepEqual((await healthOf(node)).offers, [
      { profile: world.executor.profile, minPriceWei: parseDuck('0.5').toString(), streaming: null },
    ])
    assert.equal(await codeOf(run(buyer)), 'CHAIN_UNAVAILABLE')
    proxy.mend()
    await until('it is back', async () => (await healthOf(node)).streaming.status === 'ok')
    assert.equal((await run(buyer)).end?.finishReason, 'length')
    assert.equal((await run(stranger)).end?.finishReason, 'length')
    await node.stop()
    assert.deepEqual(await claimedOf([buyer, stranger]), [3n * wholeWei, wholeWei])
    await proxy.stop()
  })
})
