import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  auditAssignment,
  duckMeshAbi,
  type JobStatus,
  jobStatusSchema,
  parseDuck,
  type RunWork,
  routePath,
  coordinatorRoutes as routes,
} from '@duckmesh/protocol'
import { type Hex, zeroHash } from 'viem'
import { type Bench, profile, resultOf, setUpBench, until } from './bench.ts'
import type { ScriptedSeat } from './scriptedSeat.ts'

let bench: Bench
let seats: ScriptedSeat[]

before(async () => {
  bench = await setUpBench({ env: { SEAT_TIMEOUT_MS: '1500', REVEAL_TIMEOUT_MS: '0' } })
  seats = bench.scripted()
})
after(() => bench.tearDown())

const announceAll = () => Promise.all(seats.map((seat) => seat.announce(profile)))
const status = async (jobId: Hex): Promise<JobStatus> =>
  jobStatusSchema.parse(await (await fetch(`${bench.coordinator.url}/v1/jobs/${jobId}`)).json())
const reach = (jobId: Hex, states: string[]) =>
  until(async () => {
    const job = await status(jobId)
    return states.includes(job.state) && job
  }, states.join(' or '))

/** Orders a job and waits for its run work; `run` finds the seats of the current assignment. */
async function order(changes = {}) {
  await announceAll()
  const made = bench.makeOrder(changes)
  const response = await bench.submit(made)
  assert.equal(response.status, 201)
  const jobId = bench.idOf(made)
  const job = await reach(jobId, ['assigned'])
  return { made, jobId, drawn: seatsOf(job) }
}
const seatsOf = (job: JobStatus) => job.assignments.at(-1)!.assignment.seats.map((id) => seats[id - 1]!)
const runOf = async (seat: ScriptedSeat, jobId: Hex): Promise<RunWork> => {
  const { items } = await seat.work()
  const item = items.find((candidate) => candidate.jobId === jobId && candidate.type === 'run')
  assert.ok(item?.type === 'run', 'no run work')
  return item
}
const openable = (seat: ScriptedSeat, jobId: Hex) =>
  until(
    async () => (await seat.work()).items.some((item) => item.type === 'open' && item.jobId === jobId),
    'open work',
  )

test('three honest seats are anchored, opened, paid and audited', async () => {
  const before = await bench.freeWei(bench.buyer.address)
  const { made, jobId, drawn } = await order()
  const answer = resultOf('a duck')
  const runs = await Promise.all(drawn.map((seat) => runOf(seat, jobId)))
  await Promise.all(drawn.map((seat, i) => seat.commit(runs[i]!, seat.commitmentFor(runs[i]!, answer))))
  await reach(jobId, ['anchored'])
  await Promise.all(drawn.map((seat) => openable(seat, jobId)))
  assert.equal((await status(jobId)).openings.length, 0, 'openings are not public before the round is closed')
  await Promise.all(drawn.map((seat, i) => seat.open(runs[i]!, answer)))
  const job = await reach(jobId, ['settled'])
  assert.deepEqual(
    job.outcome?.paid.map((entry) => entry.providerId).sort(),
    drawn.map((seat) => seat.providerId).sort(),
  )
  assert.equal(job.outcome?.paid[0]?.earnedWei, parseDuck('1'))
  assert.deepEqual(job.outcome?.slashed, [])
  assert.equal(job.openings.length, 3)
  const { assignment, record } = job.assignments[0]!
  assert.deepEqual(auditAssignment(made, assignment, record), [])
  assert.equal(before - (await bench.freeWei(bench.buyer.address)), parseDuck('3'))
})

test('a minority seat loses its bond, half of it burned', async () => {
  const { jobId, drawn } = await order()
  const runs = await Promise.all(drawn.map((seat) => runOf(seat, jobId)))
  const answers = drawn.map((_seat, index) => resultOf(index === 1 ? 'garbage' : 'a duck'))
  await Promise.all(drawn.map((seat, i) => seat.commit(runs[i]!, seat.commitmentFor(runs[i]!, answers[i]!))))
  await Promise.all(drawn.map((seat) => openable(seat, jobId)))
  await Promise.all(drawn.map((seat, i) => seat.open(runs[i]!, answers[i]!)))
  const { outcome } = await reach(jobId, ['settled'])
  assert.deepEqual(outcome?.slashed, [
    {
      providerId: drawn[1]!.providerId,
      reason: 'minority',
      toRequesterWei: parseDuck('50'),
      toSeatsWei: 0n,
      burnedWei: parseDuck('50'),
    },
  ])
  assert.equal(outcome?.refundedWei, parseDuck('1'), 'the price of the seat that earned nothing')
})

test('a copied commitment cannot be opened and is slashed at once as copied', async () => {
  const { jobId, drawn } = await order()
  const runs = await Promise.all(drawn.map((seat) => runOf(seat, jobId)))
  const answer = resultOf('a duck')
  const commitments = drawn.map((seat, i) => seat.commitmentFor(runs[i]!, answer))
  commitments[2] = commitments[0]!
  await Promise.all(drawn.map((seat, i) => seat.commit(runs[i]!, commitments[i]!)))
  await Promise.all(drawn.map((seat) => openable(seat, jobId)))
  await assert.rejects(drawn[2]!.open(runs[2]!, answer, drawn[0]!.saltFor(jobId)), { code: 'BAD_OPENING' })
  await drawn[0]!.open(runs[0]!, answer)
  await drawn[1]!.open(runs[1]!, answer)
  const { outcome } = await reach(jobId, ['settled'])
  assert.deepEqual(
    outcome?.slashed.map(({ providerId, reason }) => ({ providerId, reason })),
    [{ providerId: drawn[2]!.providerId, reason: 'copied' }],
  )
})

test('no majority: the job is seated once more without the slashed seat and then paid', async () => {
  const { jobId, drawn } = await order()
  const runs = await Promise.all(drawn.map((seat) => runOf(seat, jobId)))
  const answers = ['a', 'b', 'a'].map(resultOf)
  const commitments = drawn.map((seat, i) => seat.commitmentFor(runs[i]!, answers[i]!))
  commitments[2] = commitments[0]!
  await Promise.all(drawn.map((seat, i) => seat.commit(runs[i]!, commitments[i]!)))
  await Promise.all(drawn.map((seat) => openable(seat, jobId)))
  await drawn[0]!.open(runs[0]!, answers[0]!)
  await drawn[1]!.open(runs[1]!, answers[1]!)
  const job = await until(async () => {
    const now = await status(jobId)
    return now.state === 'assigned' && now.round === 1 && now
  }, 'round 1')
  const again = seatsOf(job)
  assert.ok(!again.some((seat) => seat.providerId === drawn[2]!.providerId), 'the copier sits out')
  const answer = resultOf('a duck')
  const secondRuns = await Promise.all(again.map((seat) => runOf(seat, jobId)))
  await Promise.all(
    again.map((seat, i) => seat.commit(secondRuns[i]!, seat.commitmentFor(secondRuns[i]!, answer))),
  )
  await Promise.all(again.map((seat) => openable(seat, jobId)))
  await Promise.all(again.map((seat, i) => seat.open(secondRuns[i]!, answer)))
  const { outcome } = await reach(jobId, ['settled'])
  assert.equal(outcome?.paid.length, 3)
  assert.deepEqual(
    outcome?.slashed.map((entry) => entry.reason),
    ['copied'],
  )
})

test('a seat that stays silent is replaced by the next of the ranking, and the draw can still be audited', async () => {
  const { made, jobId, drawn } = await order()
  const answer = resultOf('a duck')
  const silent = drawn[1]!
  for (const seat of [drawn[0]!, drawn[2]!]) {
    const run = await runOf(seat, jobId)
    await seat.commit(run, seat.commitmentFor(run, answer))
  }
  await announceAll()
  const job = await until(async () => {
    const now = await status(jobId)
    return now.assignments.length > 1 && now
  }, 'a new seating')
  const seating = job.assignments.at(-1)!
  assert.ok(!seating.assignment.seats.includes(silent.providerId))
  assert.deepEqual(seating.record.excused, [{ providerId: silent.providerId, reason: 'SILENT' }])
  assert.deepEqual(auditAssignment(made, seating.assignment, seating.record), [])
  assert.ok(job.skipped.some((entry) => entry.providerId === silent.providerId && entry.reason === 'SILENT'))
  const newcomer = seatsOf(job).find((seat) => !drawn.includes(seat))!
  const run = await runOf(newcomer, jobId)
  await newcomer.commit(run, newcomer.commitmentFor(run, answer))
  assert.equal(
    (await status(jobId)).commitments.length,
    1,
    'what was signed for the older seating counts no more',
  )
  for (const seat of [drawn[0]!, drawn[2]!]) {
    const again = await runOf(seat, jobId)
    await assert.rejects(seat.commit(again, zeroHash), { code: 'EQUIVOCATION' })
    await seat.commit(again, seat.commitmentFor(again, answer))
  }
  await reach(jobId, ['anchored'])
  await assert.rejects(silent.commit(run, zeroHash), { code: 'NOT_A_SEAT' })
  for (const seat of seatsOf(job)) await seat.open({ ...run, assignment: seating.assignment }, answer)
  await reach(jobId, ['settled'])
})

test('a seat that still runs when another one is replaced is told of the seating that counts', async () => {
  const { jobId, drawn } = await order()
  const answer = resultOf('a duck')
  const [runner, quitter] = [drawn[0]!, drawn[1]!]
  const { cursor } = await runner.work()
  const body = { round: 0, providerId: quitter.providerId, code: 'CANCELLED' }
  await quitter.call(routes.decline, routePath(routes.decline, { jobId }), body)
  const { items } = await runner.work(2_000, cursor)
  const again = items.find((item) => item.jobId === jobId)
  assert.ok(again?.type === 'run')
  assert.ok(!again.assignment.seats.includes(quitter.providerId))
  await runner.commit(again, runner.commitmentFor(again, answer))
  assert.equal((await status(jobId)).commitments.length, 1)
})

test('an excused seat that begins the round on chain by its older assignment delays the job and loses its bond', async () => {
  const { made, jobId, drawn } = await order({
    acceptBy: Math.floor(Date.now() / 1_000) + 5,
    execWindow: 3,
  })
  const answer = resultOf('a duck')
  const old = (await status(jobId)).assignments[0]!
  const excused = drawn[0]!
  for (const seat of drawn.slice(1)) {
    const work = await runOf(seat, jobId)
    await seat.commit(work, seat.commitmentFor(work, answer))
  }
  await until(async () => (await status(jobId)).assignments.length > 1, 'a new seating')
  await announceAll()
  const owner = bench.owners[excused.providerId - 1]!
  const { orderSignature } = await status(jobId)
  const run = { jobId, assignment: old.assignment, order: made } as RunWork
  const commitment = excused.commitmentFor(run, answer)
  const { providerId } = excused
  const signature = await excused.signCommit(run, commitment)
  const args = [made, orderSignature, old.assignment, old.signature, providerId, commitment, signature]
  await bench.write(owner, bench.deployment.mesh, duckMeshAbi, 'commitSeat', args)
  const again = await until(
    async () => {
      const job = await status(jobId)
      return job.state === 'assigned' && job.round === 1 && job
    },
    'round 1',
    20_000,
  )
  assert.ok(!seatsOf(again).includes(excused))
  const runs = await Promise.all(seatsOf(again).map((seat) => runOf(seat, jobId)))
  await Promise.all(
    seatsOf(again).map((seat, i) => seat.commit(runs[i]!, seat.commitmentFor(runs[i]!, answer))),
  )
  await Promise.all(seatsOf(again).map((seat) => openable(seat, jobId)))
  await Promise.all(seatsOf(again).map((seat, i) => seat.open(runs[i]!, answer)))
  const { outcome } = await reach(jobId, ['settled'])
  assert.deepEqual(
    outcome?.slashed.map(({ providerId, reason }) => ({ providerId, reason })),
    [{ providerId: excused.providerId, reason: 'silent' }],
  )
  assert.equal(outcome?.paid.length, 3)
})

test('a seat that commits and never opens is slashed as silent after the reveal deadline', async () => {
  const { jobId, drawn } = await order({ execWindow: 2 })
  const answer = resultOf('a duck')
  const runs = await Promise.all(drawn.map((seat) => runOf(seat, jobId)))
  await Promise.all(drawn.map((seat, i) => seat.commit(runs[i]!, seat.commitmentFor(runs[i]!, answer))))
  await Promise.all(drawn.map((seat) => openable(seat, jobId)))
  await drawn[0]!.open(runs[0]!, answer)
  await drawn[1]!.open(runs[1]!, answer)
  const { outcome } = await reach(jobId, ['settled'])
  assert.deepEqual(
    outcome?.slashed.map(({ providerId, reason }) => ({ providerId, reason })),
    [{ providerId: drawn[2]!.providerId, reason: 'silent' }],
  )
})

test('an order that nobody commits to ends as expired and costs nothing', async () => {
  const before = await bench.freeWei(bench.buyer.address)
  const { jobId } = await order({ acceptBy: Math.floor(Date.now() / 1_000) + 3, execWindow: 5 })
  const job = await reach(jobId, ['expired'])
  assert.equal(job.outcome, null)
  assert.equal(await bench.freeWei(bench.buyer.address), before)
})

test('a second, different commitment of a seat is refused; the first one again is not', async () => {
  const { jobId, drawn } = await order()
  const [seat] = drawn
  const run = await runOf(seat!, jobId)
  const first = seat!.commitmentFor(run, resultOf('a'))
  await seat!.commit(run, first)
  await seat!.commit(run, first)
  await assert.rejects(seat!.commit(run, seat!.commitmentFor(run, resultOf('b'))), { code: 'EQUIVOCATION' })
})
