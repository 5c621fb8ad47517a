import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { ErrorCode, Order } from '@duckmesh/protocol'
import type { Hex } from 'viem'
import { onEachDatabase } from '../../../test/onEachDatabase.ts'
import type { Funds, TaskBounds } from '../../ports/funds.ts'
import type { Store } from '../../ports/store.ts'
import type { ProverRow, TaskRecord } from '../../ports/taskStore.ts'
import { createStore } from './createStore.ts'

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
const proverOf = (proverId: number): ProverRow => ({
  proverId,
  levels: [1],
  capacity: 2,
  hasGpu: false,
  circuits: [{ name: 'digits', modelId: idOf(1), priceWei: 1n }],
  sealKey: null,
  version: 'test',
  signingKey: address,
  lastSeenAtMs: 1,
})
const plain = (_name: string, value: unknown) => (typeof value === 'bigint' ? `${value}` : value)
const rich: Funds = { freeWei: 2n ** 100n, askedAtMs: 2 ** 50 }
const loose: TaskBounds = { mostOfRequester: 100, mostInAll: 1_000 }

onEachDatabase((open, isServer) => {
  let store: Store
  before(async () => {
    store = createStore(await open())
    for (const proverId of [1, 2, 7, 8, 9]) await store.upsertProver(proverOf(proverId))
  })
  after(() => store.close())

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
    assert.equal(await store.createTask(record, rich, loose), 'created')
    assert.equal(await store.createTask(record, rich, loose), 'exists')
    assert.deepEqual(await store.task(taskId), record)
    return taskId
  }
  const assign = (taskId: Hex, proverId: number, attempt = 1) =>
    store.assignTask(taskId, { attempt, proverId, scoreBps: 1, expiresAtMs: 50, capacity: 64 }, [], 10)
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

  test('tasks come by age, of which a point of priority is a second, and not when they are over', async () => {
    const [old, late, high, later] = [
      await made(),
      await made({ createdAtMs: 9 }),
      await made({ createdAtMs: 3_004, priority: 3 }),
      await made({ createdAtMs: 3_006, priority: 3 }),
    ]
    const ids = (await store.pendingTasks(10)).map(({ taskId }) => taskId)
    assert.deepEqual(ids, [high, old, later, late])
    const [first] = await store.pendingTasks(1)
    const rest = await store.pendingTasks(10, first)
    assert.deepEqual(
      rest.map(({ taskId }) => taskId),
      [old, later, late],
    )
    for (const taskId of [old, late, high, later]) await store.failTask(taskId, 'over', 20)
    assert.deepEqual(await store.pendingTasks(10), [])
    assert.equal((await store.task(old))?.inputs, null)
  })

  test('two schedulers do not fill the last slot of a prover twice', async () => {
    const taskIds = [await made(), await made(), await made()]
    const other = isServer ? createStore(await open()) : store
    const turn = { attempt: 1, proverId: 7, scoreBps: 1, expiresAtMs: 50, capacity: 2 }
    const won = await Promise.all(
      taskIds.map((taskId, index) => (index % 2 ? other : store).assignTask(taskId, turn, [], 10)),
    )
    assert.equal(won.filter(Boolean).length, 2)
    if (isServer) await other.close()
    for (const taskId of taskIds) await store.endTurn(taskId, 1, { outcome: 'overtaken', to: 'failed' }, 11)
    for (const taskId of taskIds) await store.failTask(taskId, 'over', 12)
  })

  test('many schedulers on one database give each task to one prover, and none is left', async () => {
    const taskIds: Hex[] = []
    for (let count = 0; count < 60; count++) taskIds.push(await made())
    const others = isServer ? await Promise.all([1, 2].map(async () => createStore(await open()))) : [store]
    const schedule = async (scheduler: Store, proverId: number) => {
      let given = 0
      for (const { taskId } of await scheduler.pendingTasks(100)) {
        const turn = { attempt: 1, proverId, scoreBps: 1, expiresAtMs: 50, capacity: 64 }
        if (await scheduler.assignTask(taskId, turn, [], 10)) given++
      }
      return given
    }
    const given = await Promise.all(
      [store, ...others].map((scheduler, index) => schedule(scheduler, 7 + index)),
    )
    assert.equal(
      given.reduce((sum, count) => sum + count, 0),
      taskIds.length,
    )
    for (const taskId of taskIds) {
      assert.equal((await store.attempts(taskId)).length, 1)
      await store.endTurn(taskId, 1, { outcome: 'overtaken', to: 'failed' }, 11)
    }
    if (isServer) await Promise.all(others.map((other) => other.close()))
  })

  test('whoever looks at many tasks does not read their inputs', async () => {
    const taskId = await made({ inputs: { pixels: ['secret'] } })
    assert.doesNotMatch(JSON.stringify(await store.pendingTasks(10), plain), /secret/)
    await assign(taskId, 9)
    assert.doesNotMatch(JSON.stringify(await store.tasksOf(9), plain), /secret/)
    await store.endTurn(taskId, 1, { outcome: 'declined', code: 'WITNESS_REFUSED', to: 'failed' }, 11)
    assert.equal((await store.task(taskId))?.inputs, null)
  })

  test('who declines an order as bad is not blamed, until another prover has proved it', async () => {
    const faultsOf = async (proverId: number) => (await store.proverRecords()).get(proverId)?.failures
    for (const proverId of [21, 22]) await store.upsertProver(proverOf(proverId))
    const decline = async (code: ErrorCode) => {
      const taskId = await made()
      await assign(taskId, 21)
      await store.endTurn(taskId, 1, { outcome: 'declined', code, to: 'pending' }, 11)
      return taskId
    }
    const unprovable = await decline('WITNESS_REFUSED')
    assert.equal(await faultsOf(21), 0)
    await store.failTask(unprovable, 'over', 12)
    const provable = await decline('WITNESS_REFUSED')
    await assign(provable, 22, 2)
    await store.completeTask(resultOf(provable, 22), 30)
    assert.equal(await faultsOf(21), 1)
    await store.failTask(await decline('EXECUTOR_BUSY'), 'over', 12)
    assert.equal(await faultsOf(21), 2)
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
})
