// The proof market over HTTP: money, declines, silence and load. Provers are scripted; chain, keys and orders are real.
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { type ErrorCode, errorCodes, limits, type Order, parseDuck, type TaskState } from '@duckmesh/protocol'
import { type Hex, zeroAddress, zeroHash } from 'viem'
import { type Bench, errorCodeOf, profile, setUpBench, until as untilWithin } from './bench.ts'
import { type ProofBench, type ScriptedProver, setUpProofs } from './scriptedProver.ts'

const QUEUE = 12
let bench: Bench
let proofs: ProofBench
let provers: [ScriptedProver, ScriptedProver, ScriptedProver]

before(async () => {
  bench = await setUpBench({
    seats: 3,
    env: {
      NODE_TIMEOUT_MS: '6000',
      PROOF_TIMEOUT_MS: '4000',
      PROOF_GRACE_MS: '6000',
      PROOF_TASKS_PER_REQUESTER: String(QUEUE),
    },
  })
  proofs = await setUpProofs(bench)
  provers = [proofs.prover(1), proofs.prover(2), proofs.prover(3)]
})
after(() => bench.tearDown())
beforeEach(() => Promise.all(provers.map((prover) => prover.register())))

/** Far longer than anything here takes, for machines that do much else. */
const LIMIT_MS = 60_000
const until = <T>(check: () => Promise<T | undefined | false>, what: string) =>
  untilWithin(check, what, LIMIT_MS)

/** Orders a proof. */
async function ordered(changes: Partial<Order> = {}, body: Record<string, unknown> = {}): Promise<Hex> {
  const order = proofs.makeOrder(changes)
  const response = await proofs.submit(order, body)
  assert.equal(response.status, 201, await response.clone().text())
  return bench.idOf(order)
}
const reach = (taskId: Hex, states: TaskState[]) =>
  until(async () => {
    const task = await proofs.status(taskId)
    return states.includes(task.status) && task
  }, states.join(' or '))
const proverOf = (proverId: number | null) => provers.find((prover) => prover.proverId === proverId)!
/** Lets tasks end, so that the next test finds the provers free. */
const end = (...taskIds: Hex[]) =>
  Promise.all(
    taskIds.map((taskId) =>
      until(async () => {
        const { store, clock } = bench.coordinator.container
        const { attempt, status } = await proofs.status(taskId)
        // the scheduler may give it to somebody in between: then it is tried again
        if (status !== 'pending')
          await store.endTurn(taskId, attempt, { outcome: 'overtaken', to: 'failed' }, clock.nowMs())
        return status === 'failed' || (await store.failTask(taskId, 'the test is over', clock.nowMs()))
      }, 'the task is over'),
    ),
  )

test('a balance that is pledged to a proof is not there for a job, and the other way round', async () => {
  await Promise.all(bench.scripted().map((seat) => seat.announce(profile)))
  const taskId = await ordered({ priceWei: parseDuck('3000') })
  const tooMuch = await bench.submit(bench.makeOrder({ priceWei: parseDuck('2001'), bondWei: 0n }))
  assert.equal(tooMuch.status, 402)
  const { error } = (await tooMuch.json()) as { error: { code: string; details: Record<string, string> } }
  assert.equal(error.code, 'INSUFFICIENT_FUNDS')
  assert.equal(error.details.neededWei, String(parseDuck('5001')))
  const job = await bench.submit(bench.makeOrder({ priceWei: parseDuck('1500'), bondWei: 0n }))
  assert.equal(job.status, 201)
  const second = await proofs.submit(proofs.makeOrder({ priceWei: parseDuck('501') }))
  assert.equal(await errorCodeOf(second), 'INSUFFICIENT_FUNDS')
  await end(taskId)
  assert.equal((await proofs.submit(proofs.makeOrder({ priceWei: parseDuck('3501') }))).status, 402)
})

test('of jobs and proofs that are sent at once only those are taken that the balance covers', async () => {
  const half = { priceWei: parseDuck('1700'), bondWei: 0n }
  const responses = await Promise.all([
    ...[1, 2, 3].map(() => bench.submit(bench.makeOrder(half))),
    ...[1, 2, 3].map(() => proofs.submit(proofs.makeOrder(half))),
  ])
  const taken = responses.filter(({ status }) => status === 201)
  // 1,500 of the 5,000 are pledged to the job of the test before
  assert.equal(taken.length, 2)
  for (const response of responses)
    if (response.status !== 201) assert.equal(await errorCodeOf(response), 'INSUFFICIENT_FUNDS')
  const { store } = bench.coordinator.container
  await end(
    ...[...(await store.pendingTasks(100)), ...(await store.tasksUnderWay())].map(({ taskId }) => taskId),
  )
})

const soon = () => Math.floor(Date.now() / 1_000)
type Changes = { order?: Partial<Order>; body?: Record<string, unknown> }
const badTasks: [string, ErrorCode, () => Changes][] = [
  ['an expired order', 'ORDER_EXPIRED', () => ({ order: { acceptBy: soon() - 1 } })],
  ['an order that lives too long', 'ORDER_OUT_OF_BOUNDS', () => ({ order: { acceptBy: soon() + 9_000 } })],
  ['an order of a job', 'ORDER_OUT_OF_BOUNDS', () => ({ order: { kind: 0 } })],
  ['several seats', 'ORDER_OUT_OF_BOUNDS', () => ({ order: { seats: 3 } })],
  ['a prover of the buyer’s choice', 'ORDER_OUT_OF_BOUNDS', () => ({ order: { providerId: 1 } })],
  ['another verifier', 'ORDER_OUT_OF_BOUNDS', () => ({ order: { policy: zeroHash } })],
  ['another mode', 'UNSUPPORTED_MODE', () => ({ order: { mode: 1 } })],
  ['another coordinator', 'WRONG_COORDINATOR', () => ({ order: { coordinator: zeroAddress } })],
  ['another hash of the request', 'INPUT_MISMATCH', () => ({ order: { inputHash: zeroHash } })],
  ['another request', 'INPUT_MISMATCH', () => ({ body: { request: [6n, 8n] } })],
  ['a circuit that nobody offers', 'UNKNOWN_CIRCUIT', () => ({ body: { circuit: 'no-such' } })],
  ['a key that nobody offers', 'UNKNOWN_CIRCUIT', () => ({ order: { modelId: zeroHash } })],
  ['a price below every offer', 'NO_PROVIDERS', () => ({ order: { priceWei: 9n } })],
  ['a GPU that nobody has', 'NO_PROVIDERS', () => ({ body: { needsGpu: true } })],
  ['more money than is there', 'INSUFFICIENT_FUNDS', () => ({ order: { priceWei: parseDuck('5001') } })],
  ['open inputs that are missing', 'BAD_REQUEST', () => ({ body: { inputs: undefined } })],
  ['open inputs at a sealed level', 'BAD_REQUEST', () => ({ body: { privacyLevel: 2 } })],
  ['a level that there is not', 'BAD_REQUEST', () => ({ body: { privacyLevel: 4 } })],
  ['a priority over 100', 'BAD_REQUEST', () => ({ body: { priority: 101 } })],
  ['more signals than any key has', 'BAD_REQUEST', () => ({ body: { request: Array(63).fill(1n) } })],
  ['a signal that is no number', 'BAD_REQUEST', () => ({ body: { request: ['0x06', 7n] } })],
  ['a field that is not in the schema', 'BAD_REQUEST', () => ({ body: { extra: 1 } })],
  ['another chain', 'WRONG_CHAIN', () => ({ body: { domain: { ...bench.domain, chainId: 1 } } })],
  ['a signature of nobody', 'BAD_SIGNATURE', () => ({ body: { signature: `0x${'11'.repeat(64)}1b` } })],
  ['inputs beyond 4 MiB', 'BODY_TOO_LARGE', () => ({ body: { inputs: { pixels: '1'.repeat(4_194_304) } } })],
]
for (const [name, code, changes] of badTasks) {
  test(`${name} is refused as ${code}, and nothing is kept`, async () => {
    const { order, body } = changes()
    const made = proofs.makeOrder(order)
    const response = await proofs.submit(made, body)
    assert.equal(await errorCodeOf(response), code)
    assert.equal(response.status, errorCodes[code].status)
    assert.equal(await bench.coordinator.container.store.task(bench.idOf(made)), undefined)
  })
}

test('a task that every prover declines for good fails soon, says why and what to change', async () => {
  const taskId = await ordered()
  for (let turn = 1; turn <= 3; turn++) {
    const { assignedProver, attempt } = await until(async () => {
      const task = await proofs.status(taskId)
      return task.status === 'assigned' && task.attempt === turn && task
    }, `turn ${turn}`)
    await proverOf(assignedProver).decline(taskId, attempt, 'WITNESS_REFUSED')
  }
  const beat = setInterval(() => provers.forEach((prover) => void prover.heartbeat()), 500)
  const failed = await reach(taskId, ['failed']).finally(() => clearInterval(beat))
  assert.match(failed.failure!, /^no prover is left \(\d: WITNESS_REFUSED, \d: W.*, \d: W.*\)$/)
  assert.deepEqual(
    failed.attempts.map(({ outcome, code }) => [outcome, code]),
    Array(3).fill(['declined', 'WITNESS_REFUSED']),
  )
  assert.deepEqual(
    failed.skipped.map(({ reason, fix }) => [reason, fix]),
    Array(3).fill(['DECLINED', errorCodes.WITNESS_REFUSED.hint]),
  )
  assert.ok(Date.parse(failed.updatedAt) < failed.order.acceptBy * 1_000, 'before the order has expired')
})

test('a prover that comes while a declined task waits may still take it', async () => {
  const { store } = bench.coordinator.container
  const [first, late] = provers
  // only the first offers it at this price
  await Promise.all(provers.slice(1).map((prover) => prover.register({ priceWei: 900n })))
  const taskId = await ordered()
  const { attempt } = await reach(taskId, ['assigned'])
  await first.decline(taskId, attempt, 'INPUT_MISMATCH')
  await reach(taskId, ['pending'])
  await late.register({ priceWei: 20n })
  const taken = await until(async () => {
    const task = await proofs.status(taskId)
    return task.assignedProver === late.proverId && task
  }, 'the late prover has it')
  assert.equal(taken.attempt, 2)
  assert.equal((await store.proverRecords()).get(first.proverId)?.failures, 0)
  await end(taskId)
})

test('a prover that could not take it now is asked again, and a late word about an old turn changes nothing', async () => {
  const [first] = provers
  await Promise.all(provers.slice(1).map((prover) => prover.register({ priceWei: 900n })))
  const taskId = await ordered()
  await reach(taskId, ['assigned'])
  await first.decline(taskId, 1, 'EXECUTOR_BUSY')
  const waiting = await until(async () => {
    const task = await proofs.status(taskId)
    return task.skipped.some(({ reason }) => reason === 'NOT_NOW') && task
  }, 'it is told')
  assert.equal(waiting.status, 'pending')
  const beat = setInterval(() => void first.heartbeat(), 500)
  const again = await reach(taskId, ['assigned']).finally(() => clearInterval(beat))
  assert.deepEqual([again.assignedProver, again.attempt], [first.proverId, 2])
  await first.decline(taskId, 1, 'WITNESS_REFUSED')
  assert.equal((await proofs.status(taskId)).status, 'assigned')
  await assert.rejects(provers[1].decline(taskId, 2, 'WITNESS_REFUSED'), { code: 'FORBIDDEN' })
  await end(taskId)
})

test('a prover that waits for work is given it when it comes, and nothing when none does', async () => {
  const [first] = provers
  await Promise.all(provers.slice(1).map((prover) => prover.register({ priceWei: 900n })))
  assert.equal(await first.assigned(50), null)
  const waiting = first.assigned(10_000)
  const taskId = await ordered()
  assert.equal((await waiting)?.taskId, taskId)
  await assert.rejects(first.assigned(limits.maxWaitMs + 1), { code: 'BAD_REQUEST' })
  await end(taskId)
})

test('a prover that is there but never delivers loses the task to another one', async () => {
  const taskId = await ordered()
  const { assignedProver } = await reach(taskId, ['assigned'])
  const hung = proverOf(assignedProver)
  const beat = setInterval(() => provers.forEach((prover) => void prover.heartbeat()), 300)
  assert.equal((await hung.assigned())?.taskId, taskId)
  assert.equal((await proofs.status(taskId)).status, 'in_progress')
  const next = await until(async () => {
    const task = await proofs.status(taskId)
    return task.attempt === 2 && task
  }, 'another prover has it').finally(() => clearInterval(beat))
  assert.notEqual(next.assignedProver, assignedProver)
  assert.equal(next.attempts[0]?.outcome, 'timeout')
  assert.equal(await hung.assigned(), null)
  await end(taskId)
})

test('a prover that is not heard of any more loses the task, before its time is up', async () => {
  const taskId = await ordered({ acceptBy: soon() + 60 })
  const { assignedProver } = await reach(taskId, ['assigned'])
  const others = provers.filter((prover) => prover.proverId !== assignedProver)
  const { store, clock } = bench.coordinator.container
  await store.startTask(taskId, 1, clock.nowMs() + 600_000, clock.nowMs())
  const beat = setInterval(() => others.forEach((prover) => void prover.heartbeat()), 300)
  const next = await until(async () => {
    const task = await proofs.status(taskId)
    return task.attempt === 2 && task
  }, 'another prover has it').finally(() => clearInterval(beat))
  assert.equal(next.attempts[0]?.outcome, 'timeout')
  assert.equal(next.skipped.find(({ proverId }) => proverId === assignedProver)?.reason, 'OFFLINE')
  await end(taskId)
})

test('a buyer has so many open tasks; the next is refused until one has ended', async () => {
  const taskIds: Hex[] = []
  for (let count = 0; count < QUEUE; count++) taskIds.push(await ordered())
  const refused = await proofs.submit(proofs.makeOrder())
  assert.equal(refused.status, 429)
  assert.equal(await errorCodeOf(refused), 'TOO_MANY_TASKS')
  await end(taskIds[0]!)
  taskIds.push(await ordered())
  await end(...taskIds.slice(1))
})

// last: it costs the first prover its key
test('bytes that are no proof are a false proof to whoever signed for them; a replayed claim is another’s', async () => {
  const [first, second] = provers
  await Promise.all(provers.slice(1).map((prover) => prover.register({ priceWei: 900n })))
  const taskId = await ordered()
  await reach(taskId, ['assigned'])
  await assert.rejects(second.submit(taskId, zeroHash, '0x1234'), { code: 'FORBIDDEN' })
  await assert.rejects(first.submit(zeroHash, zeroHash, '0x1234'), { code: 'TASK_NOT_FOUND' })
  await assert.rejects(first.submit(taskId, zeroHash, `0x${'11'.repeat(17_000)}`), { code: 'BODY_TOO_LARGE' })
  assert.deepEqual(await first.submit(taskId, zeroHash, '0x1234'), {
    accepted: false,
    verification: 'fail',
    qualityBps: 0,
  })
  const { attempts } = await reach(taskId, ['pending', 'failed'])
  assert.equal(attempts[0]?.outcome, 'false-proof')
  await until(async () => {
    const [provider] = await bench.coordinator.container.chain.providers()
    return provider!.signingKey !== (await bench.coordinator.container.store.provers())[0]!.signingKey
  }, 'its key was burnt')
  await end(taskId)
})
