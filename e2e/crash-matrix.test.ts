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

/** The short way, by which seats that agree are paid, and the long one, which is taken when they are never asked. */
const ways = { short: {}, anchored: { REVEAL_TIMEOUT_MS: '0' } } as const
type Way = keyof typeof ways
const short: Way[] = ['short']
const anchored: Way[] = ['anchored']
const both = [...short, ...anchored]

// as objects, so that a stage which is added to a service and not to this matrix does not compile
const coordinatorStages: Record<CoordinatorStage, Way[]> = {
  received: short,
  assigning: short,
  assigned: short,
  'commit-stored': short,
  committed: short,
  'reveal-stored': short,
  anchoring: anchored,
  'anchor-sent': anchored,
  anchored,
  'opening-stored': both,
  settling: both,
  'settle-sent': both,
  settled: both,
}
const providerStages: Record<Exclude<ProviderStage, 'accepted' | 'submitted'>, Way[]> = {
  'work-received': short,
  'run-started': short,
  'run-done': short,
  promised: short,
  'commit-sent': both,
  revealed: short,
  'reveal-sent': short,
  'open-verified': both,
  'opening-sent': both,
  finalized: both,
}
for (const [way, env] of Object.entries(ways)) {
  describe(`killed at a stage and started again, the ${way} way`, () => matrix(way as Way, env))
}

function matrix(way: Way, env: Record<string, string>): void {
  let mesh: TestMesh
  let right: InferenceResult

  before(async () => {
    mesh = await bringUp({ providers: honestProviders(3), programs: crashPrograms, env })
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
    // seats that are paid at once deliver one after another, and the first answer is given out
    assert.ok(answer.receipts.length >= (way === 'short' ? 1 : 3), `${answer.receipts.length} receipts`)
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

  const stagesOf = (stages: Record<string, Way[]>) =>
    Object.keys(stages).filter((stage) => stages[stage]!.includes(way))
  for (const stage of stagesOf(coordinatorStages)) {
    test(`the coordinator at ${stage}`, () => settlesThroughCrash('coordinator', stage))
  }
  for (const stage of stagesOf(providerStages)) {
    test(`a provider at ${stage}`, () => settlesThroughCrash('teal', stage))
  }

  test('the coordinator and all providers at once, when all seats have committed', async () => {
    const before = await readMoney(mesh.client)
    const job = await orderJob(mesh)
    const everybody = ['coordinator', ...mesh.info.providers.map(({ name }) => name)]
    await armCrash(mesh.dataDirOf('coordinator'), { stage: way === 'short' ? 'committed' : 'anchored' })
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

  const onlyAnchored = { skip: way === 'short' && 'the short way has no anchor' }
  test('the block of the anchor is undone: the seats are anchored again', onlyAnchored, async () => {
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

  const onlyShort = { skip: way === 'anchored' && 'nobody reveals' }
  test(
    'a provider is down while the others reveal: all are anchored instead, and paid',
    onlyShort,
    async () => {
      const { client } = mesh
      const before = await readMoney(client)
      const job = await orderJob(mesh)
      await armCrash(mesh.dataDirOf('eider'), { stage: 'commit-sent' })
      await sendJob(mesh, job)
      await until('it died', () => !mesh.services.get('eider')!.isAlive())
      await until('the others were not waited for', async () => {
        return (await client.getJobOnChain(job.jobId)).status === 'anchored'
      })
      await mesh.restart('eider')
      await assertSettled(job, before)
      const { transactions } = await client.getJobStatus(job.jobId)
      assert.deepEqual(
        transactions.map(({ kind }) => kind),
        ['anchorSeats', 'openSeats'],
      )
    },
  )
}
