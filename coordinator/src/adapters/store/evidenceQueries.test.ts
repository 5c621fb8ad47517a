import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { type EvidenceItem, evidenceBatchOf, isIncluded } from '@duckmesh/protocol'
import { sql } from 'kysely'
import { type Hex, keccak256, toHex, zeroAddress, zeroHash } from 'viem'
import type { Store } from '../../ports/store.ts'
import { createStore } from './createStore.ts'
import { type OpenDatabase, openDatabase } from './openDatabase.ts'

// DUCKMESH_TEST_DATABASE_URL runs the same tests on a PostgreSQL server, in a database that they may empty
let opened: OpenDatabase
let store: Store
before(async () => {
  opened = await openDatabase(process.env.DUCKMESH_TEST_DATABASE_URL, 'memory://')
  store = createStore(opened)
})
beforeEach(async () => {
  await sql`truncate evidence, evidence_batches, seats, seatings, events, transactions, jobs cascade`.execute(
    opened.database,
  )
})
after(() => store.close())

const signature: Hex = `0x${'22'.repeat(65)}`
const hashOf = (text: string): Hex => keccak256(toHex(text))

/** Evidence whose statement is made up: the store checks none. */
function evidenceOf(job: string, providerId: number, outputHash: Hex = zeroHash) {
  const item: EvidenceItem = {
    kind: 'execution',
    receipt: {
      jobId: hashOf(job),
      providerId,
      outputHash,
      assignmentHash: zeroHash,
      amountWei: 2n ** 90n,
      promptTokens: 1,
      completionTokens: 2,
      startedAt: 3,
      finishedAt: 4,
    },
    signature,
    paid: { by: 'order' },
  }
  return { hash: hashOf(`${job} ${providerId} ${outputHash}`), item }
}

const seal = (sequence: number, limit = 10) =>
  store.sealBatch(sequence, limit, (leaves) => evidenceBatchOf(leaves, { from: 0, until: 9 }))

test('keeps the first word of a provider about a job, however often it is told', async () => {
  const first = evidenceOf('a', 1)
  assert.equal(await store.addEvidence([first, evidenceOf('a', 2)], 5), 2)
  assert.equal(await store.addEvidence([first, evidenceOf('a', 1, hashOf('other'))], 6), 0)
  const found = await store.evidenceOf(hashOf('a'))
  assert.deepEqual(
    found.map(({ item, place }) => [item, place]),
    [
      [first.item, null],
      [evidenceOf('a', 2).item, null],
    ],
  )
  assert.deepEqual(await store.execution(hashOf('a'), 1), first.item)
  assert.equal(await store.execution(hashOf('a'), 3), undefined)
  assert.equal(await store.countPending(1), 1)
})

test('seals what waits, oldest first, each leaf with its way to the root; a sealed batch stays as it is', async () => {
  await store.addEvidence([evidenceOf('c', 1)], 7)
  await store.addEvidence([evidenceOf('b', 1)], 6)
  await store.addEvidence([evidenceOf('a', 1)], 5)
  const sealed = await seal(0, 2)
  assert.equal(sealed?.batch.count, 2)
  assert.deepEqual(await store.itemsOf(0), [evidenceOf('a', 1).item, evidenceOf('b', 1).item])
  for (const job of ['a', 'b']) {
    const [record] = await store.evidenceOf(hashOf(job))
    const { index, path } = record!.place!
    assert.ok(isIncluded(record!.hash, { ...sealed!.batch, index, path }))
  }
  await store.addEvidence([evidenceOf('a', 2)], 1)
  assert.deepEqual(await store.batchAt(0), sealed)
  assert.equal((await seal(1))?.batch.count, 2)
  assert.equal(await seal(2), undefined, 'nothing waits')
  assert.equal(await store.countPending(1), 0)
})

test('one of two that seal the same batch at once gets it', async () => {
  await store.addEvidence([evidenceOf('a', 1), evidenceOf('b', 1)], 5)
  const sealed = await Promise.all([seal(0, 1), seal(0, 1)])
  assert.equal(sealed.filter(Boolean).length, 1)
  assert.equal((await store.batches(10)).length, 1)
  assert.equal(await store.countPending(1), 1)
})

test('a batch that fails while it is made leaves everything waiting', async () => {
  await store.addEvidence([evidenceOf('a', 1)], 5)
  const failing = store.sealBatch(0, 10, () => {
    throw new Error('made to fail')
  })
  await assert.rejects(failing, /made to fail/)
  assert.equal(await store.batchAt(0), undefined)
  assert.equal(await store.countPending(1), 1)
})

test('a batch that is taken apart gives its items back', async () => {
  await store.addEvidence([evidenceOf('a', 1)], 5)
  await seal(0)
  await store.unsealBatch(0)
  assert.equal(await store.batchAt(0), undefined)
  assert.equal((await store.evidenceOf(hashOf('a')))[0]!.place, null)
  assert.equal((await seal(1))?.batch.count, 1)
})

test('batches are open until they are seen on chain', async () => {
  await store.addEvidence([evidenceOf('a', 1)], 5)
  await seal(0)
  await store.addEvidence([evidenceOf('b', 1)], 5)
  await seal(1)
  const sequences = async () => (await store.openBatches()).map(({ sequence }) => sequence)
  assert.deepEqual(await sequences(), [0, 1])
  await store.noteTransaction(0, hashOf('transaction'))
  await store.markAnchored(0)
  assert.deepEqual(await sequences(), [1])
  const [latest, first] = await store.batches(10)
  assert.deepEqual([latest?.sequence, first?.sequence, first?.isAnchored], [1, 0, true])
  assert.equal(first?.transaction, hashOf('transaction'))
})

test('tells how seats answered: in time, never, and not those that declined or belong to others', async () => {
  const { database } = opened
  const job = async (id: string) => {
    await sql`insert into jobs values (${hashOf(id)}, 'settled', 0, ${zeroAddress}, '0', '0', '{}', '0x', '{}', null,
      '[]', '0', 0, 0, null, 0)`.execute(database)
  }
  const seat = (
    id: string,
    providerId: number,
    stage: string,
    assignedAtMs: number,
    committedAtMs: number | null,
  ) =>
    sql`insert into seats (job_id, round, provider_id, stage, work_seq, assigned_at_ms, committed_at_ms, commitment)
      values (${hashOf(id)}, 0, ${providerId}, ${stage}, 1, ${assignedAtMs}, ${committedAtMs},
        ${committedAtMs === null ? null : zeroHash})`.execute(database)
  const excuse = (id: string, providerId: number, reason: string) => {
    const seating = JSON.stringify({ record: { excused: [{ providerId, reason }] } })
    return sql`insert into seatings (job_id, round, seating_json) values (${hashOf(id)}, 0, ${seating})`.execute(
      database,
    )
  }
  for (const id of ['fast', 'early', 'silent', 'declined', 'others']) await job(id)
  await seat('fast', 7, 'opened', 1_000, 1_250)
  await seat('early', 7, 'opened', 100, 200)
  await seat('silent', 7, 'excused', 900, null)
  await seat('declined', 7, 'excused', 900, null)
  await seat('others', 8, 'opened', 1_000, 1_100)
  await excuse('silent', 7, 'SILENT')
  await excuse('declined', 7, 'DECLINED')
  const answers = await store.answersOf(7, 500, 2_000, 500, 10)
  assert.deepEqual(answers, [
    { jobId: hashOf('silent'), latencyMs: null },
    { jobId: hashOf('fast'), latencyMs: 250 },
  ])
  assert.deepEqual(await store.answersOf(7, 500, 2_000, 500, 1), answers.slice(0, 1))
  assert.deepEqual(await store.answersOf(7, 2_000, 3_000, 500, 10), [])
})
