// Two coordinators with one key on one PostgreSQL: either serves every job, and each step of a job is taken once.
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { findPostgres, startPostgres, type TestPostgres } from '@duckmesh/local-chain'
import type { PreparedJob } from '@duckmesh/sdk'
import { armCrash } from './crash/crashPoint.ts'
import { type Money, readMoney } from './support/money.ts'
import { ownRun } from './support/ownRun.ts'
import { assertAllPaid, assertJournals, assertMovedOnce, orderJob, sendJob } from './support/redundantJob.ts'
import { startTwoCoordinators, type TwoCoordinators } from './support/twoCoordinators.ts'
import { until } from './support/until.ts'

const bin = findPostgres()
const skip = bin === undefined && 'no PostgreSQL here: neither the package from npm nor one in /usr/lib'

describe('two coordinators on one PostgreSQL', { skip }, () => {
  let postgres: TestPostgres
  let pair: TwoCoordinators

  before(async () => {
    postgres = await startPostgres(bin!)
    pair = await startTwoCoordinators(postgres.databaseUrl)
  })
  afterEach(async (test) => {
    pair?.mesh.note(test)
    await pair?.restartDead()
  })
  after(async () => {
    await pair?.end()
    await postgres?.remove()
  })

  /** Transactions that the coordinators' key has sent, mined ones that failed included. */
  const sentTransactions = () => {
    const { publicClient, info } = pair.mesh.client.context
    return publicClient.getTransactionCount({ address: info.address })
  }

  async function assertSettled(job: PreparedJob, before: Money): Promise<void> {
    const { client } = pair.mesh
    const answer = await client.waitForResult(job.jobId, { timeoutMs: 60_000, request: job.request })
    assert.deepEqual(answer.result, await ownRun(job.request))
    assertAllPaid(
      before,
      await readMoney(client),
      answer.outcome.paid.map(({ providerId }) => providerId),
    )
    await assertJournals(pair.mesh, job)
    assert.equal((await client.getConservation()).ok, true)
  }

  test('jobs given to one and watched through the other settle with one transaction each', async () => {
    const [first, second] = pair.clients
    const sentBefore = await sentTransactions()
    const jobs = await Promise.all([0, 1, 2, 3].map((seed) => orderJob(pair.mesh, { seed })))
    await Promise.all(jobs.map((job, index) => (index % 2 ? first : second).sendJob(job)))
    for (const [index, { jobId, request }] of jobs.entries()) {
      const seen: string[] = []
      const watching = index % 2 ? second : first
      const answer = await watching.waitForResult(jobId, { request, onEvent: ({ type }) => seen.push(type) })
      assert.equal(answer.outcome.paid.length, 3)
      const told = seen.filter((type) => type !== 'progress' && type !== 'delayed')
      const three = (type: string) => [type, type, type]
      const shown = [...three('committed'), ...three('revealed'), 'opened']
      assert.deepEqual(told, ['received', 'assigned', ...shown, 'settled'])
    }
    await Promise.all(jobs.map((job) => assertMovedOnce(pair.mesh, job)))
    assert.equal((await sentTransactions()) - sentBefore, jobs.length)
    assert.equal((await pair.mesh.client.getConservation()).ok, true)
  })

  for (const stage of ['commit-stored', 'committed', 'reveal-stored', 'settling', 'settle-sent']) {
    test(`one is killed at ${stage}: the other finishes the job`, async () => {
      const { mesh } = pair
      const before = await readMoney(mesh.client)
      const sentBefore = await sentTransactions()
      const job = await orderJob(mesh)
      await armCrash(mesh.dataDirOf('coordinator'), { stage }) // whichever comes there first
      await sendJob(mesh, job)
      await until(`one died at ${stage}`, () => pair.services().some((service) => !service.isAlive()))
      await assertSettled(job, before)
      assert.equal(pair.services().filter((service) => service.isAlive()).length, 1)
      const kinds = (await mesh.client.getJobOnChain(job.jobId)).transactions.map(({ kind }) => kind)
      const isPaidAtOnce = kinds.includes('SeatsSettled')
      assert.equal((await sentTransactions()) - sentBefore, isPaidAtOnce ? 1 : 2, kinds.join())
    })
  }

  test('PostgreSQL crashes in the middle of a job and comes back: the job settles', async () => {
    const { mesh } = pair
    const before = await readMoney(mesh.client)
    const job = await orderJob(mesh)
    await sendJob(mesh, job)
    await postgres.crash()
    const refused = await mesh.client.getJobStatus(job.jobId).catch((error) => error)
    assert.equal(refused.code, 'STORE_UNAVAILABLE')
    await postgres.start()
    await assertSettled(job, before)
    assert.ok(pair.services().every((service) => service.isAlive()))
  })
})
