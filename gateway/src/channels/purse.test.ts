import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { ProviderId, SignedReceipt } from '@duckmesh/protocol'
import { channel, id, signature, stream } from '../adapters/purseRecords.fixture.ts'
import { openSqlitePurseStore } from '../adapters/sqlitePurseStore.ts'
import { systemClock } from '../adapters/systemClock.ts'
import { PurseBook } from './book.ts'
import { Purse } from './purse.ts'
import type { PurseParts } from './purseParts.ts'

const receipt: SignedReceipt = {
  receipt: {
    jobId: stream.streamId,
    providerId: stream.providerId,
    outputHash: id(6),
    assignmentHash: id(7),
    amountWei: 3n,
    promptTokens: 1,
    completionTokens: 1,
    startedAt: 1,
    finishedAt: 2,
  },
  signature,
}

describe('the end of a stream in the purse', () => {
  let folder: string
  let book: PurseBook
  let purse: Purse
  let freed: ProviderId[]
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'duckmesh-purse-'))
    const store = openSqlitePurseStore(folder, 0)
    await store.save({ channel, stream })
    book = await PurseBook.load(store)
    freed = []
    const observe = () => undefined
    const onFreed = (providerId: ProviderId) => void freed.push(providerId)
    // nothing here signs, opens channels or makes promises
    purse = new Purse({ book, clock: systemClock, observe, onFreed } as unknown as PurseParts)
  })
  afterEach(async () => {
    await book.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('behavior: makes room for those who wait, once', async () => {
    await purse.finish(stream.streamId, { chunks: 1, receipt })
    await purse.finish(stream.streamId, { chunks: 1, receipt })
    assert.deepEqual(freed, [stream.providerId])
    assert.equal(book.channel(channel.channelId).settledWei, channel.settledWei + 3n)
  })

  it('behavior: makes no room when nothing was given, for want of a slot perhaps', async () => {
    await purse.finish(stream.streamId, { chunks: 0, receipt })
    assert.deepEqual(freed, [])
    assert.equal(book.stream(stream.streamId), undefined)
  })

  it('error: changes nothing after the purse was closed', async () => {
    await book.close()
    await assert.rejects(purse.lose(stream.streamId), { code: 'CANCELLED' })
    book = await PurseBook.load(openSqlitePurseStore(folder, 0))
    assert.equal(book.stream(stream.streamId)?.state, 'open')
  })
})
