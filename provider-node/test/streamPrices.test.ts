import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { announceSchema, formatDuck, type StreamOffer, streamPriceWei } from '@duckmesh/protocol'
import { completion } from './streamClient.ts'
import { codeOf, gate, healthOf, offer, prices, type StreamWorld, startStreamWorld } from './streamWorld.ts'
import { until } from './testWorld.ts'

const request = completion({ maxTokens: 20 })

describe('prices that change while a node runs', () => {
  let world: StreamWorld
  let folder: string
  before(async () => {
    world = await startStreamWorld()
    folder = await mkdtemp(join(tmpdir(), 'duckmesh-prices-'))
  })
  after(async () => {
    await world.stop()
    await rm(folder, { recursive: true })
  })

  test('are announced next and hold for what begins then; what runs or was signed for keeps its price', async () => {
    const file = join(folder, 'prices.json')
    await writeFile(file, '{}')
    const fields = { PRICES_FILE: file, HEARTBEAT_MS: '50' }
    const { node, engine, restart } = await world.streamNode(0, { fields })
    const buyer = await world.client(node, 0)
    const terms = (at: StreamOffer) => buyer.stream(at, world.policy, request)
    const held = gate(5)
    engine.script.beforeToken = held.beforeToken
    const early = terms(offer)
    const running = buyer.run(early, request)
    await held.reached
    const dearer = { ...offer, tokenWei: 3n * prices.tokenWei }
    await writeFile(file, JSON.stringify({ tokenDuck: formatDuck(dearer.tokenWei), minPriceDuck: '0.7' }))
    const announced = () => {
      const said = world.coordinator.received.findLast(({ kind }) => kind === 'announce')
      return said && announceSchema.parse(said.body).offers[0]
    }
    await until('it is announced', async () => announced()?.streaming?.tokenWei === dearer.tokenWei)
    assert.equal(announced()?.minPriceWei, 7n * 10n ** 17n)
    held.open()
    const priceOf = async (run: typeof running) => {
      const { receipt } = (await run).end!.receipt
      return [receipt.amountWei, streamPriceWei(early, receipt)]
    }
    const [paidWei, atEarlierWei] = await priceOf(running)
    assert.equal(paidWei, atEarlierWei, 'what ran')
    const signed = await priceOf(buyer.run(terms(offer), request))
    assert.equal(signed[0], signed[1], 'what was signed for')
    const { end } = await buyer.run(terms(dearer), request)
    assert.equal(end!.receipt.receipt.amountWei, streamPriceWei(dearer, end!.receipt.receipt), 'what begins')
    const other = { ...offer, tokenWei: 2n * prices.tokenWei }
    assert.equal(await codeOf(buyer.run(terms(other), request)), 'STREAM_PRICE', 'what nobody was told')
    await node.stop()
    const again = await restart()
    buyer.url = () => again.address().url
    assert.equal(await codeOf(buyer.run(terms(offer), request)), 'STREAM_PRICE', 'after a restart')
    await again.stop()
  })

  test('a list that is wrong changes nothing, and shows in the health of the node', async () => {
    const file = join(folder, 'slips.json')
    await writeFile(file, '{}')
    const { node } = await world.streamNode(1, { fields: { PRICES_FILE: file, HEARTBEAT_MS: '50' } })
    await writeFile(file, '{"tokenDuck": 7}')
    await until('it is noticed', async () => (await healthOf(node)).pricesFault !== null)
    const { status, offers } = (await healthOf(node)) as unknown as {
      status: string
      offers: { streaming: { tokenWei: string } }[]
    }
    assert.deepEqual([status, offers[0]?.streaming.tokenWei], ['degraded', `${prices.tokenWei}`])
    await writeFile(file, '{}')
    await until('it is mended', async () => (await healthOf(node)).status === 'ok')
  })
})
