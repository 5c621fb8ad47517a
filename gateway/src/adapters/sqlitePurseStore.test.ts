import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { channel, id, stream } from './purseRecords.fixture.ts'
import { openSqlitePurseStore } from './sqlitePurseStore.ts'

describe('openSqlitePurseStore', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'duckmesh-purse-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('default: gives back after a restart exactly what was saved, the largest amounts too', async () => {
    const store = openSqlitePurseStore(folder, 0)
    await store.save({ channel, stream })
    await store.close()
    const again = openSqlitePurseStore(folder, 0)
    assert.deepEqual(await again.load(), { channels: [channel], streams: [stream] })
    await again.save({ stream: { ...stream, state: 'ended' } })
    assert.deepEqual((await again.load()).streams, [])
    await again.close()
  })

  it('behavior: has a voucher key of its own, the same after a restart, in a file that others cannot read', async () => {
    const modeOf = async (name: string) => (await stat(join(folder, name))).mode & 0o777
    const store = openSqlitePurseStore(folder, 0)
    const { address } = store.voucherKey
    assert.equal(await modeOf('purse.sqlite'), 0o600)
    assert.equal(await modeOf('purse.sqlite-wal'), 0o600)
    await store.close()
    await chmod(join(folder, 'purse.sqlite'), 0o644)
    const again = openSqlitePurseStore(folder, 0)
    assert.equal(again.voucherKey.address, address)
    assert.equal(await modeOf('purse.sqlite'), 0o600)
    await again.close()
    const other = openSqlitePurseStore(join(folder, 'other'), 0)
    assert.notEqual(other.voucherKey.address, address)
    await other.close()
  })

  it('behavior: keeps ended streams as evidence, for 90 days', async () => {
    const store = openSqlitePurseStore(folder, 0)
    await store.save({ channel, stream: { ...stream, state: 'ended' } })
    await store.close()
    const nonceStands = async (nowMs: number) => {
      const opened = openSqlitePurseStore(folder, nowMs)
      const again = opened.save({ stream: { ...stream, streamId: id(6) } })
      const stands = await again.then(
        () => false,
        () => true,
      )
      await opened.close()
      return stands
    }
    assert.equal(await nonceStands(89 * 86_400_000), true)
    assert.equal(await nonceStands(91 * 86_400_000), false)
  })

  it('error: a nonce that was used on a channel is STREAM_KNOWN, and nothing of that change is written', async () => {
    const store = openSqlitePurseStore(folder, 0)
    await store.save({ channel, stream })
    const change = { channel: { ...channel, voucherWei: 99n }, stream: { ...stream, streamId: id(6) } }
    await assert.rejects(store.save(change), { code: 'STREAM_KNOWN' })
    assert.deepEqual(await store.load(), { channels: [channel], streams: [stream] })
    await store.close()
  })

  it('error: a second opener is told STORE_LOCKED; a broken file STORE_UNAVAILABLE', async () => {
    const store = openSqlitePurseStore(folder, 0)
    assert.throws(() => openSqlitePurseStore(folder, 0), { code: 'STORE_LOCKED' })
    await store.close()
    assert.throws(() => openSqlitePurseStore('/dev/null/purse', 0), { code: 'STORE_UNAVAILABLE' })
  })

  it('behavior: flushes that are asked for together share one, and all resolve', async () => {
    const store = openSqlitePurseStore(folder, 0)
    await store.save({ channel, stream })
    const both = [store.flushed(), store.flushed()]
    assert.equal(both[0], both[1])
    await Promise.all(both)
    await store.save({ stream: { ...stream, state: 'ended' } })
    const last = store.flushed()
    assert.notEqual(last, both[0], 'what was saved since needs another')
    await store.close() // waits for it
    await last
  })

  it('error: a disk that failed once is not believed again', async () => {
    const store = openSqlitePurseStore(folder, 0)
    await store.close()
    for (let times = 0; times < 2; times++) {
      await assert.rejects(store.flushed(), { code: 'STORE_UNAVAILABLE' })
    }
  })
})
