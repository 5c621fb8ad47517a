// A part of the mesh that never comes back: the others finish the job without it.
import assert from 'node:assert/strict'
import process from 'node:process'
import { after, afterEach, before, describe, test } from 'node:test'
import type { PreparedJob } from '@duckmesh/sdk'
import { armCrash } from './crash/crashPoint.ts'
import { bringUp, crashPrograms, honestProviders, type TestMesh } from './support/bringUp.ts'
import { readJournal } from './support/journal.ts'
import { type Money, readMoney } from './support/money.ts'
import { ownRun } from './support/ownRun.ts'
import { assertAllPaid, assertJournals, orderJob, sendJob } from './support/redundantJob.ts'
import { standsStill } from './support/standsStill.ts'
import { until } from './support/until.ts'

describe('the coordinator is gone for good', () => {
  let mesh: TestMesh
  before(async () => {
    const env = { RESCUE_AFTER_MS: '1000' }
    mesh = await bringUp({ providers: honestProviders(3), programs: crashPrograms, env })
  })
  afterEach((test) => mesh?.note(test))
  after(() => mesh?.end())

  /** The providers alone bring the job to its end. */
  async function assertRescued(job: PreparedJob, before: Money): Promise<void> {
    const { client } = mesh
    const closed = await until('the job was closed on chain', async () => {
      return (await client.getJobOnChain(job.jobId)).outcome
    })
    assert.equal(mesh.services.get('coordinator')!.isAlive(), false)
    await assertJournals(mesh, job)
    assertAllPaid(
      before,
      await readMoney(client),
      closed.paid.map(({ providerId }) => providerId),
    )
    assert.equal((await client.getConservation()).ok, true)
  }

  /**
   * A coordinator that comes back after all takes from the chain how the job ended, and sends nothing. Where it has no
   * answer, the buyer's client gets it from the seats.
   */
  async function assertCaughtUp(job: PreparedJob, fewestReceipts = 3): Promise<void> {
    const { client } = mesh
    const { transactions, outcome } = await client.getJobOnChain(job.jobId)
    await mesh.restart('coordinator')
    const status = await until('the coordinator knows the end', async () => {
      const found = await client.getJobStatus(job.jobId)
      return found.state === 'settled' ? found : undefined
    })
    assert.deepEqual(status.outcome, outcome)
    assert.deepEqual((await client.getJobOnChain(job.jobId)).transactions, transactions)
    const answer = await client.waitForResult(job.jobId, { request: job.request })
    assert.deepEqual(answer.result, await ownRun(job.request))
    assert.ok(answer.receipts.length >= fewestReceipts, `${answer.receipts.length} receipts`)
  }

  test('after the seats were anchored: they open and close the job on chain', async () => {
    const before = await readMoney(mesh.client)
    // too close to acceptBy to ask for reveals
    const job = await orderJob(mesh, { acceptWithinSeconds: 10 })
    await armCrash(mesh.dataDirOf('coordinator'), { stage: 'anchored' })
    await sendJob(mesh, job)
    await until('the coordinator died', () => !mesh.services.get('coordinator')!.isAlive())
    await assertRescued(job, before)
    await assertCaughtUp(job)
  })

  test('after the reveals: the seats commit, open and close the job on chain', async () => {
    const before = await readMoney(mesh.client)
    const job = await orderJob(mesh)
    await armCrash(mesh.dataDirOf('coordinator'), { stage: 'settling' })
    await sendJob(mesh, job)
    await until('the coordinator died', () => !mesh.services.get('coordinator')!.isAlive())
    await assertRescued(job, before)
    await assertCaughtUp(job, 1)
  })

  test('after the payment: the seats are paid, and give the answer to whoever comes back for it', async () => {
    const before = await readMoney(mesh.client)
    const job = await orderJob(mesh)
    await armCrash(mesh.dataDirOf('coordinator'), { stage: 'settle-sent' })
    await sendJob(mesh, job)
    await until('the coordinator died', () => !mesh.services.get('coordinator')!.isAlive())
    await assertRescued(job, before)
    await assertCaughtUp(job, 1)
  })

  test('after the assignment alone: they commit, open and close the job on chain', async () => {
    const before = await readMoney(mesh.client)
    const job = await orderJob(mesh)
    const nodes = mesh.info.providers.map(({ name }) => mesh.services.get(name)!)
    for (const { name } of nodes) {
      await armCrash(mesh.dataDirOf(name), { stage: 'promised', signal: 'SIGSTOP' })
    }
    await sendJob(mesh, job)
    await until('every seat has its result', () => nodes.every(({ pid }) => standsStill(pid)))
    assert.equal((await mesh.client.getJobStatus(job.jobId)).commitments.length, 0)
    await mesh.services.get('coordinator')!.kill()
    for (const { pid } of nodes) process.kill(pid, 'SIGCONT')
    await assertRescued(job, before)
    await assertCaughtUp(job)
  })
})

describe('a provider is gone', () => {
  let mesh: TestMesh
  before(async () => {
    const env = { SEAT_TIMEOUT_MS: '1500' }
    mesh = await bringUp({ providers: honestProviders(4), programs: crashPrograms, env })
  })
  afterEach((test) => mesh?.note(test))
  after(() => mesh?.end())

  test('before it promised anything: another takes its seat, and it loses nothing', async () => {
    const { client } = mesh
    const before = await readMoney(client)
    const job = await orderJob(mesh)
    const seated: string[] = []
    for (const { name } of mesh.info.providers) {
      await armCrash(mesh.dataDirOf(name), { stage: 'run-done', signal: 'SIGSTOP' })
    }
    await sendJob(mesh, job)
    await until('three seats run', () => {
      const running = mesh.info.providers.filter(({ name }) => standsStill(mesh.services.get(name)!.pid))
      seated.splice(0, seated.length, ...running.map(({ name }) => name))
      return seated.length === 3
    })
    const [victim = '', ...others] = seated
    await mesh.services.get(victim)!.kill()
    for (const name of others) process.kill(mesh.services.get(name)!.pid, 'SIGCONT')
    const idle = mesh.info.providers.find(({ name }) => !seated.includes(name))!
    const { pid } = mesh.services.get(idle.name)!
    await until('the fourth has the seat', () => standsStill(pid))
    process.kill(pid, 'SIGCONT')
    const answer = await client.waitForResult(job.jobId, { request: job.request })
    assert.deepEqual(answer.result, await ownRun(job.request))
    const ids = [...others, idle.name].map((name) => idOf(mesh, name))
    const paid = answer.outcome.paid.map(({ providerId }) => providerId)
    assert.deepEqual(paid.toSorted(), ids.toSorted())
    const { skipped, assignments } = await client.getJobStatus(job.jobId)
    assert.deepEqual(assignments.at(-1)?.record.excused, [
      { providerId: idOf(mesh, victim), reason: 'SILENT' },
    ])
    assert.deepEqual(
      skipped.map(({ providerId, reason }) => ({ providerId, reason })),
      [{ providerId: idOf(mesh, victim), reason: 'SILENT' }],
    )
    assertAllPaid(before, await readMoney(client), ids)
    await mesh.restart(victim)
    await until('it gave the work up', () =>
      readJournal(mesh.dataDirOf(victim), job.jobId).every(({ state }) => state === 'abandoned'),
    )
    assert.equal((await client.getConservation()).ok, true)
  })
})

const idOf = ({ info }: TestMesh, name: string): number =>
  info.providers.find((provider) => provider.name === name)!.providerId
