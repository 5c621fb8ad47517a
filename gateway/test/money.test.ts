import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import type { DuckMeshError } from '@duckmesh/protocol'
import { connectChannelChain, systemClock } from '../src/index.ts'
import { type FlakyRpc, startFlakyRpc } from './flakyRpc.ts'
import { ask, bought, duck, startWorld, type TestWorld, until } from './testWorld.ts'

describe('the money of a buyer', () => {
  let world: TestWorld
  let rpc: FlakyRpc
  before(async () => {
    world = await startWorld(3)
    rpc = await startFlakyRpc(world.chain.rpcUrl)
  })
  afterEach(() => {
    rpc.isDown = false
    rpc.losesAnswers = false
    for (const provider of world.providers) {
      provider.faults = {}
      provider.listing = {}
      provider.accounts.clear()
    }
  })
  after(async () => {
    await world.stop()
    rpc.stop()
  })

  const flakyChain = () =>
    connectChannelChain({
      rpcUrl: rpc.url,
      mesh: world.chain.mesh,
      account: world.chain.buyer,
      clock: systemClock,
      quietWithinMs: 2_000,
    })
  const buyerWei = () => world.chain.freeWei(world.chain.buyer.address)

  it('is conserved over many streams, cuts, claims and closes: free + held + claimed stays what it was', async () => {
    const { chain, providers } = world
    const startWei = await buyerWei()
    const buyer = await world.buyer({ policy: { depositWei: 60_000n }, settings: { giveUpAfterMs: 10_000 } })
    let claimedWei = 0n
    let costWei = 0n
    const everything = async () => {
      const { freeWei, heldWei } = await buyer.balance()
      return freeWei + heldWei + claimedWei
    }
    for (let round = 0; round < 4; round++) {
      for (const [at, provider] of providers.entries()) {
        provider.faults = (round + at) % 3 === 0 ? { cutAfterEvents: 5, cuts: 2 } : {}
      }
      const exclude = [providers[round % 3]!.providerId]
      const answers = await Promise.all(
        Array.from({ length: 5 }, (_, at) =>
          bought(buyer, ask(`round ${round} ${at}`, 6 + at), { ...duck, exclude }),
        ),
      )
      for (const { result } of answers) costWei += result.costWei
      for (const provider of providers) claimedWei += await provider.claim()
      await until('the claims are seen', async () => (await everything()) === startWei)
    }
    const owed = buyer.channels().reduce((sum, { owedWei }) => sum + owedWei, 0n)
    assert.equal(owed, costWei)
    assert.equal(claimedWei, costWei)
    assert.ok(buyer.channels().every(({ overclaimedWei, fault }) => overclaimedWei === 0n && fault === null))
    await buyer.close()
    // the same purse, now told to close what is idle
    const closer = await world.buyer({ policy: { idleCloseMs: 1 } }, 0)
    await until('closes were started', () =>
      closer.channels().every(({ returnsAtMs }) => returnsAtMs !== null),
    )
    assert.ok(closer.channels().every(({ returnsAtMs }) => returnsAtMs! > Date.now()))
    const promisedBack = closer.channels().reduce((sum, { returnsWei }) => sum + returnsWei, 0n)
    const freeBefore = await buyerWei()
    await chain.passSeconds(3_700)
    await until('all is closed', () => closer.channels().every(({ state }) => state === 'closed'))
    assert.equal((await buyerWei()) - freeBefore, promisedBack)
    assert.equal(await buyerWei(), startWei - costWei)
    await closer.close()
  })

  it('a channel whose close was started, or that is closed, is used again when it is needed', async () => {
    const only = { ...duck, exclude: world.providers.slice(1).map(({ providerId }) => providerId) }
    const buyer = await world.buyer({}, 50)
    await bought(buyer, ask('before the close', 3), only)
    await buyer.close()
    const closer = await world.buyer({ policy: { idleCloseMs: 1 } }, 50)
    await until('the close was started', () => closer.channels()[0]!.state === 'closing')
    await closer.close()
    const again = await world.buyer({}, 50)
    const { result } = await bought(again, ask('it ends the close', 3), only)
    assert.equal(result.finishReason, 'length')
    assert.equal(again.channels().length, 1)
    assert.equal(again.channels()[0]!.state, 'open')
    await again.close()
  })

  it('is never in more channels than allowed, nor more of it than the budget', async () => {
    const buyer = await world.buyer({ policy: { maxChannels: 1 } })
    const { result } = await bought(buyer, ask('one channel', 3))
    const [used] = result.providers
    const error = await bought(buyer, ask('another', 3), { ...duck, exclude: [used!] }).catch(
      (thrown) => thrown,
    )
    assert.equal(error.code, 'NO_PROVIDERS')
    const { skipped } = (error as DuckMeshError).details as { skipped: { reason: string }[] }
    assert.deepEqual(skipped.map(({ reason }) => reason).sort(), [
      'CHANNEL_LIMIT',
      'CHANNEL_LIMIT',
      'EXCLUDED',
    ])
    await buyer.close()
    const thrifty = await world.buyer({ policy: { budgetWei: 30_000n } })
    const { result: short } = await bought(thrifty, ask('more than the budget', 100))
    assert.equal(short.finishReason, 'unpaid')
    const held = thrifty.channels().reduce((sum, { fundedWei }) => sum + fundedWei, 0n)
    assert.ok(held <= 30_000n)
    assert.ok(short.costWei <= 30_000n && short.costWei > 20_000n)
    await thrifty.close()
  })

  it('a transaction whose answer is lost is found on chain and not sent twice', async () => {
    const buyer = await world.buyer({ chain: await flakyChain() })
    rpc.losesAnswers = true
    const startWei = await buyerWei()
    const { result } = await bought(buyer, ask('lost answers', 4))
    assert.equal(result.finishReason, 'length')
    const [channel, ...others] = buyer.channels()
    assert.deepEqual(others, [])
    assert.equal(startWei - (await buyerWei()), channel!.fundedWei)
    await buyer.close()
  })

  it('a chain that is away at start or later stops nobody for good, and is seen', async () => {
    const buyer = await world.buyer({ chain: await flakyChain(), settings: { giveUpAfterMs: 500 } })
    await bought(buyer, ask('while it is there', 3))
    rpc.isDown = true
    // an open channel with money in it needs no chain
    const known = buyer.channels()[0]!.providerId
    const exclude = world.providers.map(({ providerId }) => providerId).filter((id) => id !== known)
    const { result } = await bought(buyer, ask('while it is away', 3), { ...duck, exclude })
    assert.equal(result.finishReason, 'length')
    await until('it is seen', () => !buyer.health().chain.isOk)
    assert.equal(buyer.health().chain.code, 'CHAIN_UNAVAILABLE')
    await assert.rejects(bought(buyer, ask('a new channel', 3), { ...duck, exclude: [known] }), {
      code: 'CHAIN_UNAVAILABLE',
    })
    rpc.isDown = false
    await until('it is back', () => buyer.health().chain.isOk)
    const { result: later } = await bought(buyer, ask('a new channel', 3), { ...duck, exclude: [known] })
    assert.equal(later.finishReason, 'length')
    const chain = await flakyChain()
    rpc.isDown = true
    const cold = await world.buyer({ chain })
    await assert.rejects(bought(cold, ask('cold', 3)), { code: 'CHAIN_UNAVAILABLE' })
    rpc.isDown = false
    assert.equal((await bought(cold, ask('cold', 3))).result.finishReason, 'length')
    await buyer.close()
    await cold.close()
  })
})
