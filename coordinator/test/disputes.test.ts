import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  auditAssignment,
  duckMeshAbi,
  type ErrorCode,
  hashCanonical,
  type JobStatus,
  jobIdOf,
  jobStatusSchema,
  type Order,
  parseDuck,
  type RunWork,
  skipFixes,
  stringifyWire,
} from '@duckmesh/protocol'
import { type Hex, zeroAddress } from 'viem'
import { type Bench, errorCodeOf, profile, request, resultOf, setUpBench, until } from './bench.ts'
import type { ScriptedSeat } from './scriptedSeat.ts'

let bench: Bench
let seats: ScriptedSeat[]

before(async () => {
  bench = await setUpBench({ env: { SEAT_TIMEOUT_MS: '1500' } })
  seats = bench.scripted()
})
after(() => bench.tearDown())

const right = resultOf('a duck')
const wrong = resultOf('garbage')
/** Owner and id of the provider whose results are disputed. */
const accused = 1
const onMesh = (functionName: string, args: unknown[], by = bench.buyer) =>
  bench.write(by, bench.deployment.mesh, duckMeshAbi, functionName, args)

/** A job of the on-chain lane whose provider submitted a result. */
async function submitted(result: typeof right, changes: Partial<Order> = {}): Promise<Order> {
  const lane = { mode: 0, seats: 1, providerId: accused, disputeWindow: 20 }
  const order = bench.makeOrder({ ...lane, ...changes })
  const owner = bench.owners[0]!
  await onMesh('postJob', [order])
  await onMesh('acceptJob', [order, accused], owner)
  await onMesh('submitResult', [jobIdOf(bench.domain, order), hashCanonical(result)], owner)
  return order
}
async function disputed(result: typeof right, changes: Partial<Order> = {}): Promise<Order> {
  await Promise.all(seats.map((seat) => seat.announce(profile)))
  const order = await submitted(result, changes)
  await onMesh('disputeJob', [order, hashCanonical(result === right ? wrong : right)])
  return order
}
const post = (order: Order, changes: Record<string, unknown> = {}) =>
  fetch(`${bench.coordinator.url}/v1/disputes`, {
    method: 'POST',
    body: stringifyWire({ domain: bench.domain, order, request, ...changes }),
  })
const status = async (jobId: Hex): Promise<JobStatus> =>
  jobStatusSchema.parse(await (await fetch(`${bench.coordinator.url}/v1/jobs/${jobId}`)).json())
const reach = (jobId: Hex, ...states: string[]) =>
  until(async () => {
    const job = await status(jobId)
    return states.includes(job.state) && job
  }, states.join(' or '))

/** Posts a dispute and plays its seats: each gives the answer of its place. */
async function judge(order: Order, answers: (typeof right)[]): Promise<JobStatus> {
  const jobId = bench.idOf(order)
  assert.equal((await post(order)).status, 201)
  const { assignments } = await reach(jobId, 'assigned')
  const drawn = assignments.at(-1)!.assignment.seats.map((id) => seats[id - 1]!)
  const runs = await Promise.all(drawn.map((seat) => runOf(seat, jobId)))
  await Promise.all(drawn.map((seat, i) => seat.commit(runs[i]!, seat.commitmentFor(runs[i]!, answers[i]!))))
  await reach(jobId, 'anchored')
  await Promise.all(drawn.map((seat, i) => seat.open(runs[i]!, answers[i]!)))
  return reach(jobId, 'settled', 'refunded')
}
const runOf = (seat: ScriptedSeat, jobId: Hex): Promise<RunWork> =>
  until(async () => {
    const { items } = await seat.work()
    const found = items.find((item) => item.jobId === jobId && item.type === 'run')
    return found?.type === 'run' && found
  }, 'run work')

const refusals: [string, ErrorCode, number, () => Promise<Response>][] = [
  ['a result that nobody disputes', 'NOT_DISPUTED', 409, async () => post(await submitted(right))],
  ['an order that is not on chain', 'NOT_DISPUTED', 409, async () => post(bench.makeOrder({ mode: 0 }))],
  [
    'a job of another coordinator',
    'WRONG_COORDINATOR',
    400,
    async () => post(bench.makeOrder({ coordinator: zeroAddress })),
  ],
  [
    'another request',
    'INPUT_MISMATCH',
    400,
    async () => post(await disputed(right), { request: { ...request, seed: 9 } }),
  ],
  [
    'another deployment',
    'WRONG_CHAIN',
    400,
    async () => post(await disputed(right), { domain: { ...bench.domain, chainId: 1 } }),
  ],
  [
    'a field that does not exist',
    'BAD_REQUEST',
    400,
    async () => post(bench.makeOrder(), { signature: `0x${'00'.repeat(65)}` }),
  ],
  [
    'a dispute that can no longer be seated',
    'DISPUTE_EXPIRED',
    410,
    async () => {
      const order = await disputed(right, { execWindow: 1 })
      await new Promise((resolve) => setTimeout(resolve, 3_500))
      return post(order)
    },
  ],
]
for (const [name, code, statusCode, act] of refusals) {
  test(`${name} is refused as ${code}, and nothing is stored`, async () => {
    const { store } = bench.coordinator.container
    const before = await store.countByState()
    const response = await act()
    assert.equal(await errorCodeOf(response.clone()), code)
    assert.equal(response.status, statusCode)
    assert.deepEqual(await store.countByState(), before)
  })
}

test('a wrong result: upheld, the accused loses its bond, judges share half of it, the challenger is whole', async () => {
  const before = await bench.freeWei(bench.buyer.address)
  const order = await disputed(wrong)
  const job = await judge(order, [right, right, right])
  assert.equal(job.state, 'refunded')
  const { assignment, record } = job.assignments.at(-1)!
  assert.equal(assignment.round, 2)
  assert.ok(!assignment.seats.includes(accused))
  assert.deepEqual(auditAssignment(order, assignment, record), [])
  const skipped = job.skipped.find((entry) => entry.providerId === accused)
  assert.deepEqual(skipped, { providerId: accused, reason: 'ACCUSED', fix: skipFixes.ACCUSED })
  const { outcome } = job
  const earnedWei = parseDuck('50') / 3n
  assert.equal(outcome?.outputHash, hashCanonical(right))
  assert.deepEqual(
    outcome?.paid,
    assignment.seats.map((providerId) => ({ providerId, earnedWei })),
  )
  assert.equal(outcome?.refundedWei, order.priceWei)
  assert.deepEqual(outcome?.slashed, [
    {
      providerId: accused,
      reason: 'dispute-lost',
      toRequesterWei: 0n,
      toSeatsWei: earnedWei * 3n,
      burnedWei: parseDuck('100') - earnedWei * 3n,
    },
  ])
  assert.equal(await bench.freeWei(bench.buyer.address), before)
})

test('a right result: rejected, the provider is paid, the bond of the challenger goes to the judges', async () => {
  const before = await bench.freeWei(bench.buyer.address)
  const order = await disputed(right)
  const job = await judge(order, [right, wrong, right])
  assert.equal(job.state, 'settled')
  const [first, liar, third] = job.assignments.at(-1)!.assignment.seats
  const earnedWei = parseDuck('25')
  assert.deepEqual(job.outcome?.paid, [
    { providerId: accused, earnedWei: parseDuck('3') },
    { providerId: first, earnedWei },
    { providerId: third, earnedWei },
  ])
  assert.deepEqual(
    job.outcome?.slashed.map(({ providerId, reason }) => ({ providerId, reason })),
    [{ providerId: liar, reason: 'minority' }],
  )
  const spentWei = before - (await bench.freeWei(bench.buyer.address))
  assert.equal(spentWei, parseDuck('53'), 'price and bond, less half of the bond of the judge that lied')
})

test('the same dispute again is not a second job, at any time', async () => {
  const order = await disputed(wrong)
  await judge(order, [right, right, right])
  const again = await post(order)
  assert.equal(again.status, 200)
  assert.deepEqual(await again.json(), { jobId: bench.idOf(order), isNew: false })
})

test('a bond too small for the judges: nobody is seated, and the dispute ends undecided in time', async () => {
  const before = await bench.freeWei(bench.buyer.address)
  const order = await disputed(wrong, { bondWei: 5n, execWindow: 2 })
  assert.equal((await post(order)).status, 201)
  const { skipped, ...job } = await reach(bench.idOf(order), 'settled')
  const others = skipped.filter(({ providerId }) => providerId !== accused)
  assert.equal(others.length, 4)
  assert.ok(others.every(({ reason, fix }) => reason === 'PRICE_TOO_LOW' && fix.includes('bondWei')))
  assert.equal(job.outcome?.outputHash, hashCanonical(wrong))
  assert.deepEqual(job.outcome?.paid, [{ providerId: accused, earnedWei: parseDuck('3') }])
  assert.deepEqual(job.outcome?.slashed, [])
  assert.equal(before - (await bench.freeWei(bench.buyer.address)), parseDuck('3'))
})

test('a disputed job promises nothing of the free balance to anybody', async () => {
  const order = await disputed(wrong)
  await post(order)
  await reach(bench.idOf(order), 'assigned')
  const priceWei = await bench.freeWei(bench.buyer.address)
  const response = await bench.submit(bench.makeOrder({ priceWei }))
  assert.equal(response.status, 201, await response.text())
})
