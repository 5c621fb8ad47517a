// The on-chain lane: one provider, posted, accepted, submitted and paid on chain, whoever dies meanwhile.
import assert from 'node:assert/strict'
import process from 'node:process'
import { after, afterEach, before, describe, test } from 'node:test'
import { DuckMeshError, parseDuck, submitBodySchema } from '@duckmesh/protocol'
import type { DirectJob } from '@duckmesh/sdk'
import { armCrash } from './crash/crashPoint.ts'
import { bringUp, crashPrograms, honestProviders, type TestMesh } from './support/bringUp.ts'
import { readJournal } from './support/journal.ts'
import { type Money, moneyMoved, readMoney } from './support/money.ts'
import { ownRun } from './support/ownRun.ts'
import { shortPrompt } from './support/redundantJob.ts'
import { standsStill } from './support/standsStill.ts'
import { until } from './support/until.ts'

const terms = {
  ...shortPrompt,
  priceWei: parseDuck('2'),
  bondWei: parseDuck('10'),
  acceptWithinSeconds: 30,
  execWindowSeconds: 20,
  disputeWindowSeconds: 1,
}
const earnedWei = parseDuck('1.98')

describe('on-chain lane with the SDK', () => {
  let mesh: TestMesh
  let providerId: number

  before(async () => {
    mesh = await bringUp({ providers: honestProviders(1), programs: crashPrograms })
    providerId = mesh.info.providers[0]!.providerId
  })
  afterEach((test) => mesh?.note(test))
  after(() => mesh?.end())

  const statusOf = async ({ jobId }: DirectJob) => (await mesh.client.getJobOnChain(jobId)).status
  const provider = () => mesh.services.get('mallard')!

  /** Makes sure that the provider gets its price and the buyer its answer. */
  async function assertPaid(job: DirectJob, before: Money): Promise<void> {
    const { client } = mesh
    const answer = await client.waitForDirectResult(job, { timeoutMs: 30_000 })
    assert.deepEqual(answer.result, await ownRun(job.request))
    await until('paid', async () => (await statusOf(job)) === 'paid')
    const moved = moneyMoved(before, await readMoney(client))
    assert.deepEqual(moved, { buyerWei: -terms.priceWei, providers: [{ providerId, wei: earnedWei }] })
    assert.equal((await client.getConservation()).ok, true)
    await until('the node knows', () => readJournal(mesh.dataDirOf('mallard'), job.jobId)[0]?.outcome)
    const [row] = readJournal(mesh.dataDirOf('mallard'), job.jobId)
    assert.deepEqual([row?.state, row?.outcome?.kind], ['final', 'paid'])
  }

  /** Orders from the provider and sees it die; a buyer that was not answered sends the same order again. */
  async function orderAndCrash(stage: string, changes = {}): Promise<() => Promise<DirectJob>> {
    await armCrash(mesh.dataDirOf('mallard'), { stage })
    const sent = mesh.client.submitDirectJob({ ...terms, ...changes, providerId }).catch((thrown) => {
      const { code, details } = DuckMeshError.from(thrown)
      assert.equal(code, 'SERVICE_UNAVAILABLE')
      const { jobId, endpoint, ...body } = details.prepared as DirectJob
      return mesh.client.sendDirectJob({ jobId, endpoint, ...submitBodySchema.parse(body) })
    })
    await until(`it died at ${stage}`, () => !provider().isAlive())
    return () => sent
  }

  for (const stage of ['work-received', 'accepted', 'run-done', 'promised', 'submitted', 'finalized']) {
    test(`a provider that is killed at ${stage} comes back and is paid`, async () => {
      const before = await readMoney(mesh.client)
      const sent = await orderAndCrash(stage)
      await mesh.restart('mallard')
      await assertPaid(await sent(), before)
    })
  }

  test('a provider that does not come back loses its bond for being late; the buyer has its price again', async () => {
    const { client } = mesh
    const before = await readMoney(client)
    const job = await (await orderAndCrash('accepted', { execWindowSeconds: 5 }))()
    await assert.rejects(client.expireJob(job.order), (error: DuckMeshError) => {
      return error.code === 'CHAIN_REVERTED' && error.details.reason === 'TooEarly'
    })
    await until('the time to submit is over', () => client.expireJob(job.order).catch(() => undefined))
    const { status, outcome } = await client.getJobOnChain(job.jobId)
    assert.equal(status, 'failed')
    assert.deepEqual(
      outcome?.slashed.map((slash) => [slash.providerId, slash.reason]),
      [[providerId, 'late']],
    )
    const moved = moneyMoved(before, await readMoney(client))
    const lost = { providerId, wei: -terms.bondWei }
    assert.deepEqual(moved, { buyerWei: terms.bondWei / 2n, providers: [lost] })
    assert.equal((await client.getConservation()).ok, true)
    await assert.rejects(
      client.waitForDirectResult(job),
      (error: DuckMeshError) => error.code === 'JOB_FAILED',
    )
    await mesh.restart('mallard')
    await until('it knows what it lost', () => {
      const [row] = readJournal(mesh.dataDirOf('mallard'), job.jobId)
      return row?.outcome?.kind === 'slashed' && row.outcome.slashReason === 'late'
    })
  })

  test('nobody needs the coordinator once the order is signed', async () => {
    const before = await readMoney(mesh.client)
    await armCrash(mesh.dataDirOf('mallard'), { stage: 'work-received', signal: 'SIGSTOP' })
    const sent = mesh.client.submitDirectJob({ ...terms, providerId })
    await until('the node has it', () => standsStill(provider().pid))
    await mesh.services.get('coordinator')!.kill()
    process.kill(provider().pid, 'SIGCONT')
    await assertPaid(await sent, before)
  })
})
