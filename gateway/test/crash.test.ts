import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Stage } from '../src/index.ts'
import { answerOf } from './testEngine.ts'
import type { TestProvider } from './testProvider.ts'
import { ask, bought, duck, startWorld, type TestWorld, until } from './testWorld.ts'

const fixture = fileURLToPath(new URL('crashingBuyer.fixture.ts', import.meta.url))

describe('a buyer that is killed', () => {
  let world: TestWorld
  let provider: TestProvider
  let purse = 100
  before(async () => {
    world = await startWorld(1)
    provider = world.providers[0]!
    provider.faults = { chunkMs: 1 }
    provider.resumeMs = 300
    provider.payMs = 500
  })
  after(() => world.stop())

  /** Runs a buyer in its own process until it dies or is done. */
  const run = async (fields: Record<string, string>) => {
    const env = {
      PATH: process.env.PATH,
      FOLDER: world.purseFolder(purse),
      RPC_URL: world.chain.rpcUrl,
      MESH: world.chain.mesh,
      COORDINATOR_URL: world.coordinatorUrl,
      ...fields,
    }
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', fixture], {
      env,
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    const [code, signal] = await once(child, 'exit')
    return { code, signal }
  }

  /** All DUCK that belongs to the buyer, the provider or the treasury for this mesh, wei. */
  const totalWei = async (): Promise<bigint> => {
    const { chain } = world
    const held = [...provider.accounts.keys()].map((id) => chain.channelOf(id))
    const channels = await Promise.all(held)
    const inChannels = channels.reduce((sum, { fundedWei, claimedWei }) => sum + fundedWei - claimedWei, 0n)
    return (await chain.freeWei(chain.buyer.address)) + inChannels
  }

  /** What must hold after every crash, once the next process has cleared up. */
  const checkBooks = async () => {
    const buyer = await world.buyer({ policy: { depositWei: 30_000n } }, purse)
    const request = ask('after the crash', 12)
    const { text, result } = await bought(buyer, request)
    assert.equal(text, answerOf(request))
    assert.equal(result.finishReason, 'length')
    await until('nothing is left open', () =>
      buyer.channels().every(({ openStreams }) => openStreams.length === 0),
    )
    const [channel, ...others] = buyer.channels()
    assert.deepEqual(others, [], 'one channel, opened once')
    assert.equal(channel!.fault, null)
    // no double pay and no free service: what the provider counts is covered, and claims exactly that
    const owedWei = provider.owedWei(channel!.channelId)
    assert.equal(await provider.claim(), owedWei)
    await until('the claim is seen', () => buyer.channels()[0]!.claimedWei === owedWei)
    assert.equal(buyer.channels()[0]!.overclaimedWei, 0n)
    assert.ok(channel!.owedWei <= owedWei)
    await buyer.close()
    return { owedWei, channelId: channel!.channelId }
  }

  const duringAStream: [Stage, string][] = [
    ['opening-saved', '1'],
    ['opening-sent', '1'],
    ['opened', '1'],
    ['promise-saved', '1'],
    ['stream-posted', '1'],
    ['chunk-received', '3'],
    ['checkpoint-saved', '2'],
    ['raise-saved', '1'],
    ['raise-sent', '1'],
    ['top-up-saved', '1'],
    ['top-up-sent', '1'],
    ['topped-up', '1'],
    ['receipt-saved', '1'],
  ]
  for (const [stage, times] of duringAStream) {
    it(`at ${stage} finds its channel and its debts again: nothing paid twice, nothing lost, nothing free`, async () => {
      purse += 1
      provider.accounts.clear()
      const startWei = await totalWei()
      const { signal } = await run({ CRASH_AT: stage, CRASH_TIMES: times })
      assert.equal(signal, 'SIGKILL')
      const { owedWei } = await checkBooks()
      assert.equal(await totalWei(), startWei - owedWei)
    })
  }

  for (const stage of ['close-saved', 'close-sent'] satisfies Stage[]) {
    it(`at ${stage} goes on closing, and the rest comes home`, async () => {
      purse += 1
      provider.accounts.clear()
      const startWei = await world.chain.freeWei(world.chain.buyer.address)
      assert.equal((await run({})).code, 0)
      assert.equal((await run({ WORK: 'close', CRASH_AT: stage })).signal, 'SIGKILL')
      const owedWei = await provider.claim()
      const buyer = await world.buyer({ policy: { idleCloseMs: 1 } }, purse)
      await until('the close was started', () => buyer.channels()[0]!.returnsAtMs !== null)
      await world.chain.passSeconds(3_700)
      await until('it is closed', () => buyer.channels()[0]!.state === 'closed')
      assert.equal(await world.chain.freeWei(world.chain.buyer.address), startWei - owedWei)
      await buyer.close()
    })
  }

  it('with a backup from before its last vouchers does not go on from it: the channel is closed, another is opened', async () => {
    purse += 1
    provider.accounts.clear()
    const buyer = await world.buyer({}, purse)
    await bought(buyer, ask('before the backup', 10))
    await buyer.close()
    const folder = world.purseFolder(purse)
    const backup = `${folder}-backup`
    await mkdir(backup)
    await copyFile(join(folder, 'purse.sqlite'), join(backup, 'purse.sqlite'))
    const later = await world.buyer({}, purse)
    await bought(later, ask('after the backup', 60))
    await later.close()
    // the backup is restored
    await copyFile(join(backup, 'purse.sqlite'), join(folder, 'purse.sqlite'))
    const restored = await world.buyer({}, purse)
    const { result } = await bought(restored, ask('after the restore', 10))
    assert.equal(result.finishReason, 'length')
    const [old, fresh] = restored.channels()
    assert.equal(restored.channels().length, 2)
    assert.match(old!.fault ?? '', /voucher/)
    assert.equal(fresh!.fault, null)
    await until('the old one is being closed', () => restored.channels()[0]!.returnsAtMs !== null)
    // what the provider earned before the restore is still its own
    const owedWei = provider.owedWei(old!.channelId)
    assert.ok(owedWei > old!.owedWei)
    await provider.claim()
    assert.equal((await world.chain.channelOf(old!.channelId)).claimedWei, owedWei)
    await restored.close()
  })

  it('with a store older than a claim on chain sees it without any provider', async () => {
    purse += 1
    provider.accounts.clear()
    const buyer = await world.buyer({}, purse)
    await bought(buyer, ask('before', 10))
    await buyer.close()
    const folder = world.purseFolder(purse)
    await mkdir(`${folder}-backup`)
    await copyFile(join(folder, 'purse.sqlite'), join(`${folder}-backup`, 'purse.sqlite'))
    const later = await world.buyer({}, purse)
    await bought(later, ask('after', 60))
    await later.close()
    await provider.claim()
    await copyFile(join(`${folder}-backup`, 'purse.sqlite'), join(folder, 'purse.sqlite'))
    await provider.stop()
    const restored = await world.buyer({}, purse)
    await until('it is suspect', () => restored.channels()[0]?.fault !== null)
    assert.match(restored.channels()[0]!.fault ?? '', /claimed/)
    await restored.close()
    await provider.listen()
  })

  it('with a backup from before its channel finds that on chain, does not use it, and gets the rest back', async () => {
    purse += 1
    provider.accounts.clear()
    const startWei = await world.chain.freeWei(world.chain.buyer.address)
    await (await world.buyer({}, purse)).close()
    const file = join(world.purseFolder(purse), 'purse.sqlite')
    await copyFile(file, `${file}-backup`)
    const buyer = await world.buyer({}, purse)
    await bought(buyer, ask('before the restore', 10))
    await buyer.close()
    await copyFile(`${file}-backup`, file)
    const again = await world.buyer({}, purse)
    await until('it is found', () => again.channels().length === 1)
    const [lost] = again.channels()
    assert.match(lost!.fault ?? '', /old copy/)
    const { result } = await bought(again, ask('after the restore', 5), duck)
    assert.equal(result.finishReason, 'length')
    await until('it is being closed', () => again.channels()[0]!.returnsAtMs !== null)
    const owedWei = await provider.claim()
    await world.chain.passSeconds(3_700)
    await until('the rest is back', () => again.channels()[0]!.state === 'closed')
    const { fundedWei, claimedWei } = await world.chain.channelOf(again.channels()[1]!.channelId)
    assert.equal(
      (await world.chain.freeWei(world.chain.buyer.address)) + fundedWei - claimedWei,
      startWei - owedWei,
    )
    await again.close()
  })

  it('by another process that holds its purse is told so', async () => {
    const buyer = await world.buyer({}, ++purse)
    await assert.rejects(world.buyer({}, purse), { code: 'STORE_LOCKED' })
    await buyer.close()
  })
})
