// One balance, many orders: what a requester has pledged to jobs and to proof tasks counts together.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type JobState, jobIdOf, type Order } from '@duckmesh/protocol'
import { type Address, getAddress, type Hex } from 'viem'
import { onEachDatabase } from '../../../test/onEachDatabase.ts'
import type { Funds, Kept, TaskBounds } from '../../ports/funds.ts'
import type { JobRecord, Store } from '../../ports/store.ts'
import type { TaskRecord } from '../../ports/taskStore.ts'
import { createStore } from './createStore.ts'

const domain = { chainId: 31_337, verifyingContract: `0x${'ab'.repeat(20)}` } as const
const word = (digit: string): Hex => `0x${digit.repeat(64)}`
const loose: TaskBounds = { mostOfRequester: 100, mostInAll: 1_000 }
/** When the balance was asked for, and the time of everything that is older. */
const ASKED_MS = 1_000
const OLD_MS = 500
const funds = (freeWei: bigint): Funds => ({ freeWei, askedAtMs: ASKED_MS })

let people = 0
/** Somebody without any order. */
const newcomer = (): Address => getAddress(`0x${(++people).toString(16).padStart(40, '0')}`)
let nonce = 0n
const orderOf = (requester: Address, priceWei: bigint, changes: Partial<Order> = {}): Order => ({
  requester,
  coordinator: requester,
  providerId: 0,
  kind: 0,
  mode: 1,
  seats: 3,
  priceWei,
  bondWei: 0n,
  modelId: word('1'),
  inputHash: word('2'),
  policy: word('3'),
  nonce: nonce++,
  acceptBy: 100,
  execWindow: 20,
  disputeWindow: 0,
  ...changes,
})
const taskOf = (order: Order): TaskRecord => ({
  taskId: jobIdOf(domain, order),
  state: 'pending',
  order,
  orderSignature: `0x${'22'.repeat(65)}`,
  circuit: 'digits',
  request: [],
  privacyLevel: 1,
  priority: 0,
  needsGpu: false,
  inputs: null,
  sealed: null,
  proverId: null,
  attempt: 0,
  expiresAtMs: null,
  skipped: [],
  result: null,
  failure: null,
  fromBlock: 7n,
  createdAtMs: OLD_MS,
  updatedAtMs: OLD_MS,
})
const jobOf = (order: Order): JobRecord => ({
  jobId: jobIdOf(domain, order),
  state: 'received',
  round: 0,
  order,
  orderSignature: `0x${'22'.repeat(65)}`,
  request: { kind: 'inference', prompt: 'Once', maxTokens: 8, temperature: 0, seed: 0 },
  createdAtMs: OLD_MS,
  updatedAtMs: OLD_MS,
  fromBlock: 7n,
  outcome: null,
  skipped: [],
})

onEachDatabase((open, isServer) => {
  let store: Store
  /** What another process has open; the same store where there can be no other process. */
  let other: Store
  before(async () => {
    store = createStore(await open())
    other = isServer ? createStore(await open()) : store
  })
  after(async () => {
    await store.close()
    if (isServer) await other.close()
  })

  const keepTask = (order: Order, freeWei: bigint, bounds = loose, on = store) =>
    on.createTask(taskOf(order), funds(freeWei), bounds)
  const keepJob = (order: Order, freeWei: bigint, on = store) =>
    on.createJob(jobOf(order), { type: 'received', data: {} }, funds(freeWei))
  const move = (order: Order, from: JobState, to: JobState, nowMs: number, round = 0) =>
    store.applyStep(
      {
        jobId: jobIdOf(domain, order),
        from: { state: from, round: 0 },
        to: { state: to, round },
        events: [],
      },
      nowMs,
    )

  test('a balance that is pledged to a proof task is not there for a job, and the other way round', async () => {
    const [first, second] = [newcomer(), newcomer()]
    assert.equal(await keepTask(orderOf(first, 60n), 100n), 'created')
    assert.deepEqual(await keepJob(orderOf(first, 60n), 100n), { refused: 'funds', neededWei: 120n })
    assert.equal(await keepJob(orderOf(first, 40n), 100n), 'created')
    assert.equal(await keepJob(orderOf(second, 60n), 100n), 'created')
    assert.deepEqual(await keepTask(orderOf(second, 41n), 100n), { refused: 'funds', neededWei: 101n })
    assert.equal(await keepTask(orderOf(second, 40n), 100n), 'created')
  })

  test('of many orders at once only those are kept that the balance covers, whichever process takes them', async () => {
    for (let round = 0; round < 5; round++) {
      const requester = newcomer()
      const kept = await Promise.all(
        Array.from({ length: 12 }, (_, index): Promise<Kept> => {
          const order = orderOf(requester, 30n)
          const on = index % 3 === 0 ? other : store
          return index % 2 ? keepJob(order, 100n, on) : keepTask(order, 100n, loose, on)
        }),
      )
      assert.equal(kept.filter((result) => result === 'created').length, 3)
      for (const result of kept)
        assert.ok(result === 'created' || (typeof result === 'object' && result.refused === 'funds'))
    }
  })

  test('a nonce is one order’s, be it a job or a task; the same order again is no second one', async () => {
    const requester = newcomer()
    const order = orderOf(requester, 1n, { nonce: 5n })
    assert.equal(await keepTask(order, 1n), 'created')
    assert.equal(await keepTask(order, 0n), 'exists')
    assert.deepEqual(await keepJob(orderOf(requester, 1n, { nonce: 5n }), 100n), { refused: 'nonce' })
    const job = orderOf(requester, 1n, { nonce: 6n })
    const twice = await Promise.all([keepJob(job, 2n), keepJob(job, 2n, other)])
    assert.deepEqual(twice.toSorted(), ['created', 'exists'])
    assert.deepEqual(await keepTask(orderOf(requester, 2n, { nonce: 6n }), 100n), { refused: 'nonce' })
    assert.equal(await keepTask(orderOf(newcomer(), 2n, { nonce: 6n }), 2n), 'created')
  })

  test('what ended while the balance was read counts still, and afterwards no more', async () => {
    const requester = newcomer()
    const [task, job] = [orderOf(requester, 40n), orderOf(requester, 40n)]
    await keepTask(task, 100n)
    await keepJob(job, 100n)
    await store.failTask(jobIdOf(domain, task), 'over', ASKED_MS)
    await move(job, 'received', 'anchored', ASKED_MS)
    assert.deepEqual(await keepTask(orderOf(requester, 21n), 100n), { refused: 'funds', neededWei: 101n })
    const later = { freeWei: 100n, askedAtMs: ASKED_MS + 1 }
    assert.equal(await store.createTask(taskOf(orderOf(requester, 100n)), later, loose), 'created')
  })

  test('a job in a later round is in escrow and pledges nothing', async () => {
    const requester = newcomer()
    const order = orderOf(requester, 80n)
    await keepJob(order, 100n)
    await move(order, 'received', 'assigned', OLD_MS, 1)
    assert.equal(await keepTask(orderOf(requester, 100n), 100n), 'created')
  })

  test('one requester has so many open tasks, and all together so many', async () => {
    const requester = newcomer()
    const bounds = { mostOfRequester: 3, mostInAll: 1_000 }
    const kept = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        keepTask(orderOf(requester, 1n), 100n, bounds, index % 2 ? store : other),
      ),
    )
    assert.equal(kept.filter((result) => result === 'created').length, 3)
    assert.ok(kept.some((result) => typeof result === 'object' && result.refused === 'tasks'))
    const open = (await store.pendingTasks(1_000)).length
    const full = { mostOfRequester: 100, mostInAll: open }
    assert.deepEqual(await keepTask(orderOf(newcomer(), 1n), 100n, full), { refused: 'queue' })
    const [mine] = (await store.pendingTasks(1_000)).filter(({ order }) => order.requester === requester)
    await store.failTask(mine!.taskId, 'over', OLD_MS)
    assert.equal(await keepTask(orderOf(requester, 1n), 100n, bounds), 'created')
  })

  test('amounts beyond 2^64 are added exactly', async () => {
    const requester = newcomer()
    const large = 2n ** 95n
    assert.equal(await keepTask(orderOf(requester, large), large + 1n), 'created')
    assert.deepEqual(await keepJob(orderOf(requester, 2n), large + 1n), {
      refused: 'funds',
      neededWei: large + 2n,
    })
    assert.equal(await keepJob(orderOf(requester, 1n), large + 1n), 'created')
  })
})
