// kill -9 of the coordinator or of a provider at every stage of a job: the job ends as it should, and no DUCK is lost.
import assert from 'node:assert/strict'
import process from 'node:process'
import { after, afterEach, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Stage as CoordinatorStage } from '@duckmesh/coordinator'
import type { InferenceResult } from '@duckmesh/protocol'
import type { Stage as ProviderStage } from '@duckmesh/provider-node'
import type { PreparedJob } from '@duckmesh/sdk'
import { armCrash } from './crash/crashPoint.ts'
import { bringUp, crashPrograms, honestProviders, type TestMesh } from './support/bringUp.ts'
import { type Money, readMoney } from './support/money.ts'
import { ownRun } from './support/ownRun.ts'
import { assertAllPaid, assertJournals, orderJob, sendJob } from './support/redundantJob.ts'
import { standsStill } from './support/standsStill.ts'
import { until } from './support/until.ts'

// as objects, so that a stage which is added to a service and not to this matrix does not compile
const coordinatorStages: Record<CoordinatorStage, true> = {
  received: true,
  assigning: true,
  assigned: true,
  'commit-stored': true,
  anchoring: true,
  'anchor-sent': true,
  anchored: true,
  'opening-stored': true,
  settling: true,
  'settle-sent': true,
  settled: true,
}
const providerStages: Record<Exclude<ProviderStage, 'accepted' | 'submitted'>, true> = {
  'work-received': true,
  'run-started': true,
  'run-done': true,
  promised: true,
  'commit-sent': true,
  'open-verified': true,
  'opening-sent': true,
  finalized: true,
}

describe('killed at a stage and started again', () => {
  let mesh: TestMesh
  let right: InferenceResult

  before(async () => {
    mesh = await bringUp({ providers: honestProviders(3), programs: crashPrograms })
    right = await ownRun((await orderJob(mesh)).request)
  })
  afterEach((test) => mesh?.note(test))
  after(() => mesh?.end())

  /** Seats are three of three, so the victim has one, and nobody can take its place. */
  async function settlesThroughCrash(victim: string, stage: string): Promise<void> {
    const { client } = mesh
    const before = await readMoney(client)
    const job = await orderJob(mesh)
    await armCrash(mesh.dataDirOf(victim), { stage })
    const sent = sendJob(mesh, job)
    await until(`${victim} died at ${stage}`, () => !mesh.services.get(victim)!.isAlive())
    await mesh.restart(victim)
    await sent
    await assertSettled(job, before)
  }

  /** Makes sure that a job which went through something ended as if nothing had happened. */
  async function assertSettled(job: PreparedJob, before: Money): Promise<void> {
    const { client } = mesh
    const answer = await client.waitForResult(job.jobId, { timeoutMs: 60_000, request: job.request })
    assert.deepEqual(answer.result, right, 'the right answer')
    assert.equal(answer.receipts.length, 3)
    const { ok, state, checks } = await client.verifyJob(job.jobId)
    assert.ok(ok && state === 'settled', JSON.stringify(checks.filter((check) => !check.ok)))
    await assertJournals(mesh, job)
    assertAllPaid(
      before,
      await readMoney(client),
      answer.outcome.paid.map(({ providerId }) => providerId),
    )
    assert.equal((await client.getConservation()).ok, true)
  }

  for (const stage of Object.keys(coordinatorStages)) {
    test(`the coordinator at ${stage}`, () => settlesThroughCrash('coordinator', stage))
  }
  for (const stage of Object.keys(providerStages)) {
    test(`a provider at ${stage}`, () => settlesThroughCrash('teal', stage))
  }

  test('the coordinator and all providers at once, when the seats are anchored', async () => {
    const before = await readMoney(mesh.client)
    const job = await orderJob(mesh)
    const everybody = ['coordinator', ...mesh.info.providers.map(({ name }) => name)]
    await armCrash(mesh.dataDirOf('coordinator'), { stage: 'anchored' })
    await sendJob(mesh, job)
    await until('the coordinator died', () => !mesh.services.get('coordinator')!.isAlive())
    await Promise.all(everybody.map((name) => mesh.services.get(name)!.kill()))
    await Promise.all(everybody.map((name) => mesh.restart(name)))
    await assertSettled(job, before)
  })

  test('the chain, while the seats commit: it comes back with its state', async () => {
    const before = await readMoney(mesh.client)
    const job = await orderJob(mesh)
    await armCrash(mesh.dataDirOf('eider'), { stage: 'promised', signal: 'SIGSTOP' })
    await sendJob(mesh, job)
    const { pid } = mesh.services.get('eider')!
    await until('a seat stands still', () => standsStill(pid))
    await sleep(1_500) // the chain keeps its state every second
    await mesh.services.get('chain')!.kill()
    process.kill(pid, 'SIGCONT')
    await sleep(1_000) // everybody notices
    await mesh.restart('chain')
    await assertSettled(job, before)
  })

  test('the block of the anchor is undone by the chain: the seats are anchored again', async () => {
    const { client } = mesh
    const before = await readMoney(client)
    const job = await orderJob(mesh)
    await armCrash(mesh.dataDirOf('coordinator'), { stage: 'opening-stored', signal: 'SIGSTOP' })
    await sendJob(mesh, job)
    const { pid } = mesh.services.get('coordinator')!
    await until('the coordinator stands still', () => standsStill(pid))
    assert.equal((await client.getJobOnChain(job.jobId)).status, 'anchored')
    await client.context.publicClient.request({ method: 'anvil_rollback', params: [1] } as never)
    assert.equal((await client.getJobOnChain(job.jobId)).status, 'none')
    process.kill(pid, 'SIGCONT')
    await assertSettled(job, before)
  })
})
