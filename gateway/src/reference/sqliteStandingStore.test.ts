import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { DuckMeshError } from '@duckmesh/protocol'
import { keccak256 } from 'viem'
import { openSqliteStandingStore } from './sqliteStandingStore.ts'
import { newStanding } from './standing.ts'

describe('sqliteStandingStore', () => {
  let folder: string
  let path: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'duckmesh-standing-'))
    path = join(folder, 'standing.sqlite')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  test('what was saved is there after a restart', async () => {
    const standing = { ...newStanding(7), streak: 3, checks: 5, caughtAtMs: 12 }
    const duty = { streamId: keccak256('0x01'), rate: 0.25, wasChecked: true }
    const first = openSqliteStandingStore(path)
    assert.deepEqual(await first.standing(7), newStanding(7))
    await first.save({ standing, duty })
    first.close()
    const second = openSqliteStandingStore(path)
    assert.deepEqual(await second.standing(7), standing)
    assert.deepEqual(await second.duties(), [duty])
    second.close()
  })

  test('a decision about a stream stands: it is not made again at another rate', async () => {
    const store = openSqliteStandingStore(path)
    const streamId = keccak256('0x01')
    await store.save({ duty: { streamId, rate: 1, wasChecked: true } })
    await store.save({ duty: { streamId, rate: 0.1, wasChecked: false } })
    assert.deepEqual(await store.duties(), [{ streamId, rate: 1, wasChecked: true }])
    assert.deepEqual(await store.duty(streamId), { streamId, rate: 1, wasChecked: true })
    store.close()
  })

  test('all of a change is written or nothing', async () => {
    const store = openSqliteStandingStore(path)
    const duty = { streamId: keccak256('0x01'), rate: 1, wasChecked: true }
    const broken = { ...newStanding(7), streak: 1.5 } // not an integer: the column refuses it
    const isUnavailable = (error: unknown) =>
      error instanceof DuckMeshError && error.code === 'STORE_UNAVAILABLE'
    await assert.rejects(store.save({ duty, standing: broken }), isUnavailable)
    assert.deepEqual([await store.duties(), await store.standing(7)], [[], newStanding(7)])
    store.close()
  })

  test('a path that cannot be opened is said so', () => {
    assert.throws(
      () => openSqliteStandingStore(join(folder, 'no', 'such')),
      (error: DuckMeshError) => error.code === 'STORE_UNAVAILABLE',
    )
  })
})
