import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Order } from '@duckmesh/protocol'
import type { Hex } from 'viem'
import type { Store } from '../../ports/store.ts'
import type { TaskRecord } from '../../ports/taskStore.ts'
import { createStore } from './createStore.ts'
import { openDatabase } from './openDatabase.ts'

let store: Store
before(async () => {
  store = createStore(await openDatabase(undefined, 'memory://'))
})
after(() => store.close())

const address = `0x${'11'.repeat(20)}` as const
const idOf = (number: number): Hex => `0x${number.toString(16).padStart(64, '0')}`
const order = (number: number): Order => ({
  requester: address,
  coordinator: address,
  providerId: 0,
  kind: 2,
  mode: 4,
  seats: 1,
  priceWei: 2n ** 90n,
  bondWei: 0n,
  modelId: idOf(1),
  inputHash: idOf(2),
  policy: idOf(3),
  nonce: BigInt(number),
  acceptBy: 100,
  execWindow: 0,
  disputeWindow: 0,
})
let next = 16

async function made(changes: Partial<TaskRecord> = {}): Promise<Hex> {
  const taskId = idOf(next++)
  const record: TaskRecord = {
    taskId,
    state: 'pending',
    order: order(next),
    orderSignature: `0x${'22'.repeat(65)}`,
    circuit: 'digits',
    request: [2n ** 250n],
    privacyLevel: 1,
    priority: 0,
    needsGpu: false,
    inputs: { pixels: ['1'] },
    sealed: null,
    proverId: null,
    attempt: 0,
    expiresAtMs: null,
    skipped: [],
    result: null,
    failure: null,
    fromBlock: 7n,
    createdAtMs: 5,
    updatedAtMs: 5,
    ...changes,
  }
  assert.equal(await store.createTask(record), 'created')
  assert.equal(await store.createTask(record), 'exists')
  assert.deepEqual(await store.task(taskId), record)
  return taskId
}
const assign = (taskId: Hex, proverId: number, attempt = 1) =>
  store.assignTask(taskId, { attempt, proverId, scoreBps: 1, expiresAtMs: 50 }, [], 10)
const resultOf = (taskId: Hex, proverId: number) => ({
  taskId,
  proverId,
  outputHash: idOf(4),
  proof: '0xabcd' as const,
  transaction: idOf(5),
})

test('of two schedulers that assign one task, one does', async () => {
  const taskId = await made()
  const won = await Promise.all([assign(taskId, 1), assign(taskId, 2)])
  assert.equal(won.filter(Boolean).length, 1)
  assert.equal((await store.attempts(taskId)).length, 1)
  await store.endTurn(taskId, 1, { outcome: 'timeout', to: 'failed' }, 11)
})

test('tasks come by priority, then age, and not when they are over', async () => {
  const [old, late, high] = [
    await made(),
    await made({ createdAtMs: 9 }),
    await made({ createdAtMs: 9, priority: 3 }),
  ]
  const ids = (await store.openTasks(10)).map(({ taskId }) => taskId)
  assert.deepEqual(ids, [high, old, late])
  for (const taskId of [old, late, high]) await store.failTask(taskId, 'over', 20)
  assert.deepEqual(await store.openTasks(10), [])
  assert.equal((await store.task(old))?.inputs, null)
})

test('a turn ends once, a task is completed once, and inputs are forgotten then', async () => {
  const taskId = await made({ privacyLevel: 2, inputs: null })
  await assign(taskId, 1)
  const sealed = { encapsulated: 'AA==', ciphertext: 'AA==' }
  assert.equal(await store.sealInput(taskId, 2, sealed), false)
  assert.equal(await store.sealInput(taskId, 1, sealed), true)
  assert.equal(await store.endTurn(taskId, 1, { outcome: 'timeout', to: 'pending' }, 12), true)
  assert.equal(await store.endTurn(taskId, 1, { outcome: 'declined', to: 'failed' }, 12), false)
  assert.equal((await store.task(taskId))?.sealed, null)
  assert.equal(await assign(taskId, 2, 2), true)
  assert.equal(await store.completeTask(resultOf(taskId, 1), 30), true)
  assert.equal(await store.completeTask(resultOf(taskId, 2), 31), false)
  assert.equal((await store.task(taskId))?.result?.proverId, 1)
  assert.deepEqual(
    (await store.attempts(taskId)).map(({ outcome }) => outcome),
    ['timeout', 'overtaken'],
  )
})

test('a false claim is kept once until it was reported, and counts against its prover', async () => {
  const taskId = await made()
  await assign(taskId, 7)
  const claim = { jobId: taskId, providerId: 7, outputHash: idOf(4), proofHash: idOf(6) }
  const kept = { claim, signature: '0xaa', proof: '0xbb' } as const
  await store.keepFalseClaim(taskId, 1, kept)
  await store.keepFalseClaim(taskId, 1, { ...kept, proof: '0xcc' })
  await store.endTurn(taskId, 1, { outcome: 'timeout', to: 'pending' }, 20)
  const unreported = await store.unreportedClaims()
  assert.deepEqual(
    unreported.map((found) => found.claim),
    [kept],
  )
  assert.deepEqual(
    (await store.attempts(taskId)).map(({ outcome }) => outcome),
    ['false-proof'],
  )
  await store.markReported(taskId, 1)
  assert.deepEqual(await store.unreportedClaims(), [])
  assert.deepEqual((await store.proverRecords()).get(7), {
    proofs: 0,
    failures: 1,
    qualitySumBps: 0,
    elapsedSumMs: 0,
  })
})

test('a record counts paid proofs, their quality and their time', async () => {
  for (const attempt of [1, 2]) {
    const taskId = await made()
    if (attempt === 2) {
      await assign(taskId, 8)
      await store.endTurn(taskId, 1, { outcome: 'no-input', to: 'pending' }, 11)
    }
    await assign(taskId, 9, attempt)
    await store.completeTask(resultOf(taskId, 9), 10 + attempt * 100)
  }
  const records = await store.proverRecords()
  assert.deepEqual(records.get(9), { proofs: 2, failures: 0, qualitySumBps: 15_000, elapsedSumMs: 300 })
  assert.deepEqual(records.get(8), { proofs: 0, failures: 0, qualitySumBps: 0, elapsedSumMs: 0 })
})
