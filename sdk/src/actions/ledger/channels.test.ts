import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { parseDuck } from '@duckmesh/protocol'
import { numberToHex } from 'viem'
import type { PrivateKeyAccount } from 'viem/accounts'
import type { HttpStub } from '../../../test/startHttpStub.ts'
import { startTestCoordinator } from '../../../test/startTestCoordinator.ts'
import { startTestMesh, type TestMesh } from '../../../test/startTestMesh.ts'
import { DuckMeshClient } from '../../clients/DuckMeshClient.ts'

const DELAY_SECONDS = 3_600

describe('getChannels and exitChannels on real contracts', () => {
  let mesh: TestMesh
  let coordinator: HttpStub
  let client: DuckMeshClient
  let salts = 0

  before(async () => {
    mesh = await startTestMesh(1)
    coordinator = await startTestCoordinator(mesh)
    client = await connect(mesh.buyer)
    await client.deposit(parseDuck('100'))
  })
  after(async () => {
    await coordinator.stop()
    await mesh.stop()
  })

  const connect = (account: PrivateKeyAccount) =>
    DuckMeshClient.connect({ coordinatorUrl: coordinator.url, rpcUrl: mesh.rpcUrl, account })

  /** Opens a channel with 3 DUCK, as a purse with a key of its own does. */
  async function openChannel(account = mesh.buyer) {
    const salt = numberToHex(++salts, { size: 32 })
    const payerKey = mesh.holder.address
    const parties = { payer: account.address, payerKey, providerId: mesh.providers[0]!.providerId }
    const config = { ...parties, withdrawDelay: DELAY_SECONDS, salt }
    await mesh.call(account, mesh.mesh, 'openChannel', [config, parseDuck('3')])
    return config
  }
  const freeWei = async () => (await client.getBalance()).freeWei
  const passDelay = async () => {
    await mesh.chain.increaseTime({ seconds: DELAY_SECONDS + 1 })
    await mesh.chain.mine({ blocks: 1 })
  }

  it('default: the account alone takes back all that its channels hold, after their delay', async () => {
    const startWei = await freeWei()
    const configs = [await openChannel(), await openChannel()]
    const found = await client.getChannels()
    assert.deepEqual(
      found.map(({ config, fundedWei, claimedWei }) => ({ config, fundedWei, claimedWei })),
      configs.map((config) => ({ config, fundedWei: parseDuck('3'), claimedWei: 0n })),
    )
    const closing = await client.exitChannels()
    assert.ok(closing.every(({ closableAfter }) => closableAfter > 0))
    assert.deepEqual(await client.exitChannels(), closing, 'before the delay is over nothing more happens')
    await passDelay()
    const closed = await client.exitChannels()
    assert.ok(closed.every(({ fundedWei, closableAfter }) => fundedWei === 0n && closableAfter === 0))
    assert.equal(await freeWei(), startWei)
    assert.deepEqual(await client.exitChannels(), closed, 'what is empty is left alone')
  })

  it('behavior: channels of others are neither listed nor touched', async () => {
    const { owner } = mesh.providers[0]!
    await mesh.call(mesh.holder, mesh.token, 'transfer', [owner.address, parseDuck('5')])
    const other = await connect(owner)
    await other.deposit(parseDuck('5'))
    await openChannel(owner)
    await client.exitChannels()
    const [channel, ...more] = await other.getChannels()
    assert.deepEqual([channel?.closableAfter, more], [0, []])
    assert.deepEqual(await client.getChannels(owner.address), [channel])
  })

  it('behavior: two that exit at the same time hinder nobody', async () => {
    const startWei = await freeWei()
    await openChannel()
    const again = await connect(mesh.buyer)
    // one of them may find that its nonce is taken; called again it goes on
    const both = () => Promise.allSettled([client.exitChannels(), again.exitChannels()])
    assert.ok((await both()).some(({ status }) => status === 'fulfilled'))
    assert.ok((await client.exitChannels()).some(({ closableAfter }) => closableAfter > 0))
    await passDelay()
    await both()
    await client.exitChannels()
    assert.equal(await freeWei(), startWei)
  })
})
