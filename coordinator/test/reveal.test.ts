// The short way: seats that agree are paid in one transaction; whatever else they do, they are anchored instead.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  duckMeshAbi,
  type JobEvent,
  type JobStatus,
  jobResultSchema,
  jobStatusSchema,
  parseDuck,
  type RevealWork,
  type RunWork,
  routePath,
  coordinatorRoutes as routes,
  sessionHeader,
  sessionTypedData,
  stringifyWire,
} from '@duckmesh/protocol'
import { type Hex, padHex } from 'viem'
import { type Bench, errorCodeOf, profile, resultOf, setUpBench, until } from './bench.ts'
import type { ScriptedSeat } from './scriptedSeat.ts'

const REVEAL_TIMEOUT_MS = 2_500
const duck = resultOf('a duck')
let bench: Bench
let seats: ScriptedSeat[]

before(async () => {
  bench = await setUpBench({ env: { SEAT_TIMEOUT_MS: '1500', REVEAL_TIMEOUT_MS: `${REVEAL_TIMEOUT_MS}` } })
  seats = bench.scripted()
})
after(() => bench.tearDown())

const status = async (jobId: Hex): Promise<JobStatus> =>
  jobStatusSchema.parse(await (await fetch(`${bench.coordinator.url}/v1/jobs/${jobId}`)).json())
const reach = (jobId: Hex, ...states: string[]) =>
  until(async () => {
    const job = await status(jobId)
    return states.includes(job.state) && job
  }, states.join(' or '))
const kinds = async (jobId: Hex) => (await status(jobId)).transactions.map(({ kind }) => kind)
const itemOf = async <T extends 'run' | 'reveal' | 'open'>(seat: ScriptedSeat, jobId: Hex, type: T) =>
  until(async () => {
    const { items } = await seat.work()
    return items.find((item) => item.jobId === jobId && item.type === type) as
      | Extract<(typeof items)[number], { type: T }>
      | undefined
  }, `${type} work`)

type Play = { jobId: Hex; drawn: ScriptedSeat[]; runs: RunWork[]; asked: RevealWork }

/** Orders a job whose seats commit to these results, the same for all unless said otherwise. */
async function committed(results = [duck, duck, duck], changes = {}): Promise<Play> {
  await Promise.all(seats.map((seat) => seat.announce(profile)))
  const made = bench.makeOrder(changes)
  assert.equal((await bench.submit(made)).status, 201)
  const jobId = bench.idOf(made)
  const job = await reach(jobId, 'assigned')
  const drawn = job.assignments.at(-1)!.assignment.seats.map((id) => seats[id - 1]!)
  const runs = await Promise.all(drawn.map((seat) => itemOf(seat, jobId, 'run')))
  await Promise.all(drawn.map((seat, i) => seat.commit(runs[i]!, seat.commitmentFor(runs[i]!, results[i]!))))
  const asked = await itemOf(drawn[0]!, jobId, 'reveal')
  return { jobId, drawn, runs, asked }
}
const revealAll = ({ drawn, runs, asked }: Play, results = [duck, duck, duck]) =>
  Promise.all(drawn.map((seat, i) => seat.reveal(runs[i]!, asked, results[i]!)))

async function result(jobId: Hex) {
  const session = {
    account: bench.buyer.address,
    audience: bench.coordinator.container.signer.address,
    expiresAt: Math.floor(Date.now() / 1_000) + 60,
  }
  const signature = await bench.buyer.signTypedData(sessionTypedData(bench.domain, session))
  const url = `${bench.coordinator.url}${routePath(routes.jobResult, { jobId })}`
  return fetch(url, { headers: { authorization: sessionHeader(session, signature) } })
}

test('three seats that agree are paid in one transaction, and deliver the answer afterwards', async () => {
  const before = await bench.freeWei(bench.buyer.address)
  const play = await committed()
  const { jobId, drawn, runs, asked } = play
  assert.equal((await status(jobId)).state, 'committed')
  assert.equal((await fetch(`${bench.coordinator.url}/stats`)).status, 200)
  await assert.rejects(drawn[0]!.open(runs[0]!, duck), { code: 'WRONG_STAGE' })
  await drawn[0]!.reveal(runs[0]!, asked, duck)
  await drawn[0]!.reveal(runs[0]!, asked, duck)
  assert.ok(!stringifyWire(await status(jobId)).includes(drawn[0]!.saltFor(jobId)), 'a reveal is not public')
  await revealAll(play)
  const job = await reach(jobId, 'settled')
  assert.deepEqual(await kinds(jobId), ['settleSeats'])
  assert.equal(job.outcome?.paid.length, 3)
  assert.equal(job.outcome?.paid[0]?.earnedWei, parseDuck('1'))
  assert.deepEqual([job.outcome?.refundedWei, job.outcome?.slashed], [0n, []])
  assert.equal(before - (await bench.freeWei(bench.buyer.address)), parseDuck('3'))
  assert.equal(await errorCodeOf(await result(jobId)), 'JOB_NOT_DONE', 'nobody has delivered yet')
  await assert.rejects(drawn[0]!.open(runs[0]!, resultOf('other')), { code: 'BAD_OPENING' })
  await itemOf(drawn[0]!, jobId, 'open')
  await drawn[0]!.open(runs[0]!, duck)
  const answer = jobResultSchema.parse(await (await result(jobId)).json())
  assert.deepEqual([answer.result, answer.receipts.length], [duck, 1])
  await drawn[1]!.open(runs[1]!, duck)
  assert.equal((await status(jobId)).openings.length, 2)
  const events = (await bench.coordinator.container.store.events(jobId, 0)).map(({ type }: JobEvent) => type)
  const [three, shown] = [(type: string) => [type, type, type], ['opened', 'settled']]
  assert.deepEqual(events, ['received', 'assigned', ...three('committed'), ...three('revealed'), ...shown])
})

test('an answer that differs is anchored at once, and its seat loses the bond', async () => {
  const results = [duck, resultOf('garbage'), duck]
  const play = await committed(results)
  const { jobId, drawn, runs } = play
  const askedAtMs = Date.now()
  await revealAll(play, results)
  await reach(jobId, 'anchored')
  assert.ok(Date.now() - askedAtMs < REVEAL_TIMEOUT_MS, 'nobody is waited for')
  await Promise.all(drawn.map((seat, i) => seat.open(runs[i]!, results[i]!)))
  const { outcome } = await reach(jobId, 'settled')
  assert.deepEqual(
    outcome?.slashed.map(({ providerId, reason }) => ({ providerId, reason })),
    [{ providerId: drawn[1]!.providerId, reason: 'minority' }],
  )
  assert.deepEqual(await kinds(jobId), ['anchorSeats', 'openSeats'])
})

test('a reveal that does not come is waited for a while, then the seats are anchored', async () => {
  const { jobId, drawn, runs, asked } = await committed()
  await drawn[0]!.reveal(runs[0]!, asked, duck)
  await reach(jobId, 'anchored')
  await assert.rejects(drawn[1]!.reveal(runs[1]!, asked, duck), { code: 'WRONG_STAGE' })
  await Promise.all(drawn.map((seat, i) => seat.open(runs[i]!, duck)))
  assert.equal((await reach(jobId, 'settled')).outcome?.paid.length, 3)
})

test('a seat that revealed and then vanished is opened by what it revealed: it is not silent', async () => {
  const play = await committed([duck, duck, duck], { execWindow: 2 })
  const { jobId, drawn, runs, asked } = play
  await drawn[0]!.reveal(runs[0]!, asked, duck)
  await reach(jobId, 'anchored')
  await Promise.all(drawn.slice(1).map((seat, i) => seat.open(runs[i + 1]!, duck)))
  const { outcome } = await reach(jobId, 'settled')
  assert.deepEqual([outcome?.paid.length, outcome?.slashed], [3, []])
})

test('a copied commitment is anchored without asking for reveals', async () => {
  await Promise.all(seats.map((seat) => seat.announce(profile)))
  const made = bench.makeOrder()
  await bench.submit(made)
  const jobId = bench.idOf(made)
  const job = await reach(jobId, 'assigned')
  const drawn = job.assignments.at(-1)!.assignment.seats.map((id) => seats[id - 1]!)
  const runs = await Promise.all(drawn.map((seat) => itemOf(seat, jobId, 'run')))
  const own = drawn.map((seat, i) => seat.commitmentFor(runs[i]!, duck))
  await Promise.all(drawn.map((seat, i) => seat.commit(runs[i]!, own[i === 2 ? 0 : i]!)))
  await reach(jobId, 'anchored')
})

test('seats that had committed before another one was replaced are anchored without asking for reveals', async () => {
  await Promise.all(seats.map((seat) => seat.announce(profile)))
  const made = bench.makeOrder()
  await bench.submit(made)
  const jobId = bench.idOf(made)
  const first = (await reach(jobId, 'assigned')).assignments[0]!.assignment.seats.map((id) => seats[id - 1]!)
  for (const seat of first.slice(1)) {
    const run = await itemOf(seat, jobId, 'run')
    await seat.commit(run, seat.commitmentFor(run, duck))
  }
  await Promise.all(seats.map((seat) => seat.announce(profile)))
  const job = await until(async () => {
    const now = await status(jobId)
    return now.assignments.length > 1 && now
  }, 'a new seating')
  for (const seat of job.assignments.at(-1)!.assignment.seats.map((id) => seats[id - 1]!)) {
    const run = await itemOf(seat, jobId, 'run')
    await seat.commit(run, seat.commitmentFor(run, duck))
  }
  await reach(jobId, 'anchored')
})

test('an order that is close to acceptBy is anchored without asking for reveals', async () => {
  const acceptBy = Math.floor(Date.now() / 1_000) + 9
  await Promise.all(seats.map((seat) => seat.announce(profile)))
  const made = bench.makeOrder({ acceptBy })
  await bench.submit(made)
  const jobId = bench.idOf(made)
  const drawn = (await reach(jobId, 'assigned')).assignments[0]!.assignment.seats.map((id) => seats[id - 1]!)
  for (const seat of drawn) {
    const run = await itemOf(seat, jobId, 'run')
    await seat.commit(run, seat.commitmentFor(run, duck))
  }
  await reach(jobId, 'anchored')
})

test('false reveals are refused: another output, another salt, other commitments, a stranger', async () => {
  const { jobId, drawn, runs, asked } = await committed()
  const [seat, run] = [drawn[0]!, runs[0]!]
  await assert.rejects(seat.reveal(run, asked, resultOf('other')), { code: 'BAD_OPENING' })
  await assert.rejects(seat.reveal(run, asked, duck, drawn[1]!.saltFor(jobId)), { code: 'BAD_OPENING' })
  const swapped = { ...asked, commitments: asked.commitments.toReversed() }
  await assert.rejects(seat.reveal(run, swapped, duck), { code: 'BAD_SIGNATURE' })
  const stranger = seats.find((candidate) => !drawn.includes(candidate))!
  await assert.rejects(stranger.reveal(run, asked, duck), { code: 'NOT_A_SEAT' })
})

test('a seat that goes to the chain by itself takes the short way from the others: all are anchored', async () => {
  const { jobId, drawn, runs } = await committed()
  const { assignmentSignature, orderSignature, order, assignment } = runs[0]!
  const commitment = drawn[0]!.commitmentFor(runs[0]!, duck)
  const signature = await drawn[0]!.signCommit(runs[0]!, commitment)
  const { providerId } = drawn[0]!
  const args = [order, orderSignature, assignment, assignmentSignature, providerId, commitment, signature]
  await bench.write(bench.owners[providerId - 1]!, bench.deployment.mesh, duckMeshAbi, 'commitSeat', args)
  await reach(jobId, 'anchored')
})

test('when the contract refuses to pay at once, the job is anchored or its seat goes to another one', async () => {
  const play = await committed()
  const { jobId, drawn } = play
  const { providerId } = drawn[2]!
  const { stakedWei, lockedWei } = await bench.reader.readContract({
    address: bench.deployment.mesh,
    abi: duckMeshAbi,
    functionName: 'providerOf',
    args: [providerId],
  })
  const args = [providerId, stakedWei - lockedWei]
  await bench.write(bench.owners[providerId - 1]!, bench.deployment.mesh, duckMeshAbi, 'startUnstake', args)
  await revealAll(play)
  const job = await until(async () => {
    const now = await status(jobId)
    return now.assignments.length > 1 && now
  }, 'a new seating')
  assert.ok(!job.assignments.at(-1)!.assignment.seats.includes(providerId))
  assert.equal(job.state, 'assigned')
  const cancel = [providerId]
  await bench.write(
    bench.owners[providerId - 1]!,
    bench.deployment.mesh,
    duckMeshAbi,
    'cancelUnstake',
    cancel,
  )
})

test('a committed order promises its price: it cannot be spent on another one', async () => {
  const freeWei = await bench.freeWei(bench.buyer.address)
  await committed([duck, duck, duck], { priceWei: freeWei - parseDuck('100') })
  const response = await bench.submit(bench.makeOrder({ priceWei: parseDuck('101') }))
  assert.equal(await errorCodeOf(response), 'INSUFFICIENT_FUNDS')
})

test('a voided nonce: the seats are not paid, and the order ends as expired once nobody could bring it', async () => {
  const nonce = 1_000n
  const changes = { nonce, acceptBy: Math.floor(Date.now() / 1_000) + 12, execWindow: 2, priceWei: 3n }
  const play = await committed([duck, duck, duck], changes)
  const args = [nonce >> 8n, BigInt(padHex('0x01', { size: 32 })) << (nonce & 255n)]
  await bench.write(bench.buyer, bench.deployment.mesh, duckMeshAbi, 'invalidateNonces', args)
  await revealAll(play)
  const job = await until(
    async () => {
      const now = await status(play.jobId)
      return now.state === 'expired' && now
    },
    'expired',
    25_000,
  )
  assert.equal(job.outcome, null)
})
