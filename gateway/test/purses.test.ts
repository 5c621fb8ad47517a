import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import { duckMeshAbi } from '@duckmesh/protocol'
import { openSqlitePurseStore } from '../src/adapters/sqlitePurseStore.ts'
import type { Buyer } from '../src/buyer.ts'
import { answerOf } from './testEngine.ts'
import { ask, bought, startWorld, type TestWorld, until } from './testWorld.ts'

const ROUNDS = 4

describe('purses of one account', () => {
  let world: TestWorld
  before(async () => {
    world = await startWorld(2)
  })
  after(() => world.stop())

  const buyerWei = () => world.chain.freeWei(world.chain.buyer.address)
  const heldWei = (buyer: Buyer) =>
    buyer.channels().reduce((sum, { fundedWei, claimedWei }) => sum + fundedWei - claimedWei, 0n)

  it('buy side by side from the same providers: neither takes the channels of the other for its own', async () => {
    const startWei = await buyerWei()
    // little money in a channel and quick housekeeping, so that both send transactions all the time
    const terms = { policy: { depositWei: 30_000n }, tendEveryMs: 20 }
    const buyers = await Promise.all([world.buyer(terms, 1), world.buyer(terms, 2)])
    let costWei = 0n
    for (let round = 0; round < ROUNDS; round++) {
      const answers = await Promise.all(
        buyers.flatMap((buyer) =>
          world.providers.map(async ({ providerId }) => {
            const others = world.providers.map((one) => one.providerId).filter((id) => id !== providerId)
            const request = ask(`round ${round}`, 12)
            const terms = { model: { name: 'duck' }, mode: 'signed', exclude: others } as const
            const { text, result } = await bought(buyer, request, terms)
            assert.equal(text, answerOf(request))
            return result.costWei
          }),
        ),
      )
      costWei += answers.reduce((sum, wei) => sum + wei, 0n)
    }
    let claimedWei = 0n
    for (const provider of world.providers) claimedWei += await provider.claim()
    assert.equal(claimedWei, costWei)
    await until('both see the claims', () =>
      buyers.every((buyer) => buyer.channels().every((channel) => channel.claimedWei === channel.owedWei)),
    )
    for (const buyer of buyers) {
      assert.equal(buyer.channels().length, world.providers.length)
      for (const { state, fault, overclaimedWei } of buyer.channels()) {
        assert.deepEqual([state, fault, overclaimedWei], ['open', null, 0n])
      }
    }
    const ids = buyers.flatMap((buyer) => buyer.channels().map(({ channelId }) => channelId))
    assert.equal(new Set(ids).size, 2 * world.providers.length)
    const held = buyers.reduce((sum, buyer) => sum + heldWei(buyer), 0n)
    assert.equal((await buyerWei()) + held + claimedWei, startWei)
    // one that starts anew finds its own channels and no others
    await buyers[0]!.close()
    const again = await world.buyer(terms, 1)
    await bought(again, ask('after the restart', 3))
    assert.deepEqual(
      again.channels().map(({ channelId }) => channelId),
      buyers[0]!.channels().map(({ channelId }) => channelId),
    )
    assert.ok(buyers[1]!.channels().every(({ state }) => state === 'open'))
    await Promise.all([again.close(), buyers[1]!.close()])
  })

  it('that are lost: the account alone gets back what is in their channels', async () => {
    const { chain } = world
    const startWei = await buyerWei()
    const buyer = await world.buyer({}, 10)
    const { result } = await bought(buyer, ask('before the loss', 10))
    const [{ channelId } = assert.fail()] = buyer.channels()
    await buyer.close()
    await rm(world.purseFolder(10), { recursive: true })
    // its successor has another key: it leaves the channel alone
    const again = await world.buyer({}, 10)
    await bought(again, ask('after the loss', 3))
    assert.ok(again.channels().every((channel) => channel.channelId !== channelId))
    await again.close()
    assert.equal((await chain.channelOf(channelId)).closableAfter, 0)
    // what was opened is on chain, and so is the right to close it
    const opened = await chain.client.getContractEvents({
      address: chain.mesh,
      abi: duckMeshAbi,
      eventName: 'ChannelOpened',
      args: { channelId },
      fromBlock: 0n,
      strict: true,
    })
    const { config } = opened[0]!.args
    await chain.call(chain.buyer, chain.mesh, 'startClose', [config])
    for (const provider of world.providers) await provider.claim()
    await chain.passSeconds(config.withdrawDelay + 1)
    await chain.call(chain.buyer, chain.mesh, 'close', [config])
    const { fundedWei, claimedWei } = await chain.channelOf(channelId)
    assert.deepEqual([fundedWei, claimedWei], [result.costWei, result.costWei])
    const left = again.channels().reduce((sum, channel) => sum + channel.fundedWei, 0n)
    assert.equal((await buyerWei()) + left, startWei - result.costWei)
  })

  it('with channels under another key promise nothing on them, and take back what is left', async () => {
    const buyer = await world.buyer({}, 20)
    await bought(buyer, ask('under the old key', 5))
    await buyer.close()
    const old = openSqlitePurseStore(world.purseFolder(20), Date.now())
    const { channels } = await old.load()
    await old.close()
    // as a purse of a version without keys of their own: channels, and another key
    const store = openSqlitePurseStore(world.purseFolder(21), Date.now())
    for (const channel of channels) await store.save({ channel })
    await store.close()
    const again = await world.buyer({}, 21)
    await bought(again, ask('under the new key', 5))
    const [former, fresh] = again.channels()
    assert.equal(former!.channelId, channels[0]!.channelId)
    assert.match(former!.fault ?? '', /vouchers are signed by/)
    assert.deepEqual([fresh!.fault, fresh!.state], [null, 'open'])
    await until('the close was started', () => again.channels()[0]!.returnsAtMs !== null)
    await again.close()
  })
})
