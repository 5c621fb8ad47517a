// Who cheats or breaks its promise loses its bond for the right reason; who is honest never does.
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { ProviderSpec } from '@duckmesh/infrastructure/mesh'
import { parseDuck } from '@duckmesh/protocol'
import { armCrash } from './crash/crashPoint.ts'
import { bringUp, crashPrograms, honestProviders, type TestMesh } from './support/bringUp.ts'
import { readJournal } from './support/journal.ts'
import { moneyMoved, readMoney } from './support/money.ts'
import { ownRun } from './support/ownRun.ts'
import { readLog } from './support/readLog.ts'
import { jobTerms, netShareWei, orderJob, sendJob } from './support/redundantJob.ts'
import { until } from './support/until.ts'

const muteProvider = fileURLToPath(new URL('crash/muteProvider.ts', import.meta.url))
const halfBondWei = jobTerms.bondWei / 2n
/** The buyer pays two shares of three and gets half of the lost bond. */
const buyerWei = -parseDuck('2') + halfBondWei

/** Runs one job whose three seats are all providers of the mesh, and checks that one lost and two were paid. */
async function assertOneSlashed(mesh: TestMesh, loser: string, reason: string, model: string, changes = {}) {
  const { client } = mesh
  const before = await readMoney(client)
  const { burnedWei } = await client.getConservation()
  const job = await orderJob(mesh, changes)
  await sendJob(mesh, job)
  const answer = await client.waitForResult(job.jobId, { timeoutMs: 60_000, request: job.request })
  assert.deepEqual(answer.result, await ownRun(job.request, model))
  const loserId = mesh.info.providers.find(({ name }) => name === loser)!.providerId
  assert.deepEqual(
    answer.outcome.slashed.map((slash) => [slash.providerId, slash.reason]),
    [[loserId, reason]],
  )
  const moved = moneyMoved(before, await readMoney(client))
  assert.equal(moved.buyerWei, buyerWei)
  for (const { providerId, wei } of moved.providers) {
    assert.equal(wei, providerId === loserId ? -jobTerms.bondWei : netShareWei, `provider ${providerId}`)
  }
  assert.equal((await client.verifyJob(job.jobId)).ok, true)
  const money = await client.getConservation()
  assert.equal(money.ok, true)
  assert.equal(money.burnedWei - burnedWei, halfBondWei)
  return job
}

describe('a copycat among the seats', () => {
  let mesh: TestMesh
  before(async () => {
    const providers: ProviderSpec[] = [...honestProviders(2), { name: 'magpie', kind: 'copycat' }]
    mesh = await bringUp({ providers })
  })
  afterEach((test) => mesh?.note(test))
  after(() => mesh?.end())

  test('is slashed for copying; its peers refuse to show it their results', async () => {
    await assertOneSlashed(mesh, 'magpie', 'copied', 'duck1m')
    const asked = await readLog(mesh, 'magpie', 'asked a peer for its result')
    assert.equal(asked.length, 2)
    // 404 is a peer that has not taken the job up yet; the one whose commitment is copied has
    for (const { status } of asked) assert.ok(status === 403 || status === 404, `status ${status}`)
    assert.ok(asked.some(({ status }) => status === 403))
  })
})

describe('a provider that runs a cheaper model', () => {
  let mesh: TestMesh
  before(async () => {
    const providers: ProviderSpec[] = [...honestProviders(2), { name: 'cuckoo', kind: 'cheap-model' }]
    mesh = await bringUp({ providers, model: 'stories15m' })
  })
  afterEach((test) => mesh?.note(test))
  after(() => mesh?.end())

  test('is slashed for an answer that differs from the majority', async () => {
    await assertOneSlashed(mesh, 'cuckoo', 'minority', 'stories15m', { maxTokens: 48 })
  })
})

describe('reveals and openings that do not arrive', () => {
  let mesh: TestMesh
  before(async () => {
    const provider = ({ name }: ProviderSpec) => (name === 'eider' ? muteProvider : crashPrograms.provider())
    const env = { REVEAL_TIMEOUT_MS: '1500' }
    mesh = await bringUp({ providers: honestProviders(3), programs: { provider }, env })
  })
  afterEach((test) => mesh?.note(test))
  after(() => mesh?.end())

  test('a seat whose reveal and opening get lost is anchored, opens on chain by itself in time and is paid', async () => {
    const { client } = mesh
    const before = await readMoney(client)
    const job = await orderJob(mesh, { execWindowSeconds: 8 })
    await sendJob(mesh, job)
    const answer = await client.waitForResult(job.jobId, { request: job.request })
    const steps = (await readLog(mesh, 'eider', 'acted on chain')).map(({ step }) => step)
    // closing at once is the same step, taken when the other two went to the chain first
    assert.ok(['openSeat', 'closeSeats'].includes(steps.join()), steps.join())
    assert.equal(answer.receipts.length, 2, 'the coordinator never saw the third')
    const moved = moneyMoved(before, await readMoney(client))
    assert.deepEqual(
      moved.providers.map(({ wei }) => wei),
      [netShareWei, netShareWei, netShareWei],
    )
    assert.equal((await client.getConservation()).ok, true)
  })

  test('a seat that dies after its commitment is slashed as silent when the time to open is over', async () => {
    await armCrash(mesh.dataDirOf('teal'), { stage: 'commit-sent' })
    const job = await assertOneSlashed(mesh, 'teal', 'silent', 'duck1m', { execWindowSeconds: 8 })
    await mesh.restart('teal')
    const [row] = await until('it knows what it lost', () => {
      const rows = readJournal(mesh.dataDirOf('teal'), job.jobId)
      return rows.every(({ state }) => state === 'final') ? rows : undefined
    })
    assert.deepEqual(
      [row?.outcome?.kind, row?.outcome?.slashReason, row?.outcome?.lostWei],
      ['slashed', 'silent', String(jobTerms.bondWei)],
    )
  })
})
