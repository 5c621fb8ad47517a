// A result of the on-chain lane that the buyer does not believe: three others run it again, and the loser pays them.
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { DuckMeshError, hashCanonical, isTerminal, parseDuck } from '@duckmesh/protocol'
import type { DirectAnswer, DirectJob, DisputeResult } from '@duckmesh/sdk'
import { armCrash } from './crash/crashPoint.ts'
import { bringUp, crashPrograms, honestProviders, type TestMesh } from './support/bringUp.ts'
import { readJournal } from './support/journal.ts'
import { type Money, moneyMoved, readMoney } from './support/money.ts'
import { ownRun } from './support/ownRun.ts'
import { shortPrompt } from './support/redundantJob.ts'
import { until } from './support/until.ts'

const terms = {
  ...shortPrompt,
  priceWei: parseDuck('2'),
  bondWei: parseDuck('10'),
  acceptWithinSeconds: 30,
  execWindowSeconds: 30,
  disputeWindowSeconds: 60,
}
const earnedWei = parseDuck('1.98')
/** A third of half of the loser's bond, before the fee. */
const judgeWei = parseDuck('5') / 3n
/** What is left of it. The fee is 1 % of all that a provider earned, rounded down: one wei to or fro for each share. */
const netJudgeWei = judgeWei - judgeWei / 100n
const isOneWeiNear = (have: bigint, due: bigint) => have - due <= 1n && due - have <= 1n

const directLiar = fileURLToPath(new URL('./crash/directLiar.ts', import.meta.url))
const liar = { name: 'cuckoo', kind: 'honest' as const }
const providers = [...honestProviders(4), { name: 'gadwall', kind: 'honest' as const }, liar]
const programs = {
  ...crashPrograms,
  provider: ({ name }: { name: string }) => (name === liar.name ? directLiar : crashPrograms.provider()),
}

describe('a result of the on-chain lane is disputed', () => {
  let mesh: TestMesh
  before(async () => {
    mesh = await bringUp({ providers, programs })
  })
  afterEach((test) => mesh?.note(test))
  after(() => mesh?.end())

  const idOf = (name: string) => mesh.info.providers.find((provider) => provider.name === name)!.providerId

  /** Orders from one provider and takes its answer. */
  async function ordered(name: string, changes = {}): Promise<{ job: DirectJob; answer: DirectAnswer }> {
    const { client } = mesh
    const job = await client.submitDirectJob({ ...terms, ...changes, providerId: idOf(name) })
    const answer = await client.waitForDirectResult(job, { timeoutMs: 30_000 })
    assert.equal(answer.status, 'submitted')
    return { job, answer }
  }

  /** Whom the re-execution was given to: three others, drawn by rules that anybody can check afterwards. */
  async function judgesOf({ jobId }: DirectJob, accused: number): Promise<readonly number[]> {
    const { rounds } = await mesh.client.getJobOnChain(jobId)
    assert.deepEqual(
      rounds.map(({ round, seats }) => [round, seats.length, seats.includes(accused)]),
      [[2, 3, false]],
    )
    const { ok, checks, state } = await until('the coordinator knows the end', async () => {
      const audit = await mesh.client.verifyJob(jobId)
      return isTerminal(audit.state) ? audit : undefined
    })
    assert.ok(ok, JSON.stringify(checks.filter((check) => !check.ok)))
    assert.ok(
      checks.some(({ name }) => name === 'dispute'),
      state,
    )
    return rounds[0]!.seats
  }

  /** Makes sure that the buyer and the accused moved by this much, the judges by their share, and nobody else. */
  async function assertMoved(job: DirectJob, before: Money, buyerWei: bigint, accusedWei: bigint) {
    const accused = job.order.providerId
    const judges = await judgesOf(job, accused)
    const after = await readMoney(mesh.client)
    const moved = moneyMoved(before, after)
    assert.equal(moved.buyerWei, buyerWei, 'the buyer')
    for (const { providerId, wei } of moved.providers) {
      const isJudge = judges.includes(providerId)
      if (isJudge) assert.ok(isOneWeiNear(wei, netJudgeWei), `judge ${providerId} got ${wei}`)
      else assert.equal(wei, providerId === accused ? accusedWei : 0n, `provider ${providerId}`)
      assert.equal(after.providers.get(providerId)?.lockedWei, 0n, `provider ${providerId} has a bond locked`)
    }
    assert.equal((await mesh.client.getConservation()).ok, true)
    for (const { name, providerId } of mesh.info.providers.filter((one) => judges.includes(one.providerId))) {
      const own = () => readJournal(mesh.dataDirOf(name), job.jobId)
      await until(`${name} knows the end`, () => own().every(({ state }) => state === 'final'))
      const outcomes = own().map(({ round, outcome }) => [round, outcome?.kind, outcome?.earnedWei])
      assert.deepEqual(outcomes, [[2, 'paid', String(judgeWei)]], `provider ${providerId}`)
    }
  }

  async function assertUpheld(job: DirectJob, before: Money, result: DisputeResult): Promise<void> {
    const { providerId } = job.order
    assert.deepEqual([result.upheld, result.isDecided], [true, true])
    assert.deepEqual(
      result.outcome.slashed.map((slash) => [slash.providerId, slash.reason]),
      [[providerId, 'dispute-lost']],
    )
    await assertMoved(job, before, 0n, -terms.bondWei)
    await until('the cheat knows what it lost', () => {
      const [row] = readJournal(mesh.dataDirOf(liar.name), job.jobId)
      return row?.outcome?.kind === 'slashed' && row.outcome.slashReason === 'dispute-lost'
    })
  }

  test('a wrong result: the provider loses its bond, the price is back, and who showed it is paid', async () => {
    const { client } = mesh
    const before = await readMoney(client)
    const { job, answer } = await ordered(liar.name)
    const right = await ownRun(job.request)
    assert.notDeepEqual(answer.result, right)
    await client.disputeJob(job, hashCanonical(right))
    const result = await client.waitForDispute(job.order, { timeoutMs: 60_000 })
    assert.equal(result.outcome.outputHash, hashCanonical(right))
    await assertUpheld(job, before, result)
    await assert.rejects(client.waitForDirectResult(job), { code: 'JOB_FAILED' })
  })

  test('a right result: the challenger loses its bond, the provider is paid', async () => {
    const { client } = mesh
    const before = await readMoney(client)
    const { job, answer } = await ordered('mallard')
    assert.deepEqual(answer.result, await ownRun(job.request))
    await client.disputeJob(job, hashCanonical({ ...answer.result, text: 'I know better' }))
    const { upheld, isDecided, outcome } = await client.waitForDispute(job.order, { timeoutMs: 60_000 })
    assert.deepEqual([upheld, isDecided], [false, true])
    assert.deepEqual([outcome.outputHash, outcome.slashed], [answer.outputHash, []])
    await assertMoved(job, before, -terms.priceWei - terms.bondWei, earnedWei)
    assert.deepEqual((await client.waitForDirectResult(job)).result, answer.result)
    assert.deepEqual((await client.waitForResult(job.jobId, { request: job.request })).result, answer.result)
  })

  for (const stage of ['received', 'assigned', 'anchored', 'settle-sent']) {
    test(`the coordinator is killed at ${stage}: the dispute is upheld all the same`, async () => {
      const { client } = mesh
      const before = await readMoney(client)
      const { job } = await ordered(liar.name)
      await armCrash(mesh.dataDirOf('coordinator'), { stage })
      const claimed = hashCanonical(await ownRun(job.request))
      const sent = until('the coordinator took the dispute', () =>
        client.disputeJob(job, claimed).catch((thrown) => {
          assert.equal(DuckMeshError.from(thrown).code, 'SERVICE_UNAVAILABLE')
        }),
      )
      await until(`it died at ${stage}`, () => !mesh.services.get('coordinator')!.isAlive())
      await mesh.restart('coordinator')
      await sent
      const result = await client.waitForDispute(job.order, { timeoutMs: 60_000 })
      await assertUpheld(job, before, result)
    })
  }

  test('the coordinator is gone: after the limit the provider is paid, and nobody loses a bond', async () => {
    const { client } = mesh
    const before = await readMoney(client)
    const { job, answer } = await ordered(liar.name, { execWindowSeconds: 5 })
    await mesh.services.get('coordinator')!.kill()
    const disputed = client.disputeJob(job, hashCanonical(await ownRun(job.request)))
    await assert.rejects(disputed, (error: DuckMeshError) => {
      return error.code === 'SERVICE_UNAVAILABLE' && typeof error.details.transactionHash === 'string'
    })
    await assert.rejects(client.expireJob(job.order), (error: DuckMeshError) => {
      return error.code === 'CHAIN_REVERTED' && error.details.reason === 'TooEarly'
    })
    const { upheld, isDecided, outcome } = await client.waitForDispute(job.order, { timeoutMs: 60_000 })
    assert.deepEqual([upheld, isDecided], [false, false])
    assert.deepEqual([outcome.outputHash, outcome.slashed], [answer.outputHash, []])
    const { buyerWei, providers: moved } = moneyMoved(before, await readMoney(client))
    assert.equal(buyerWei, -terms.priceWei)
    const due = moved.map(({ providerId }) => (providerId === job.order.providerId ? earnedWei : 0n))
    assert.deepEqual(
      moved.map(({ wei }) => wei),
      due,
    )
    assert.equal((await client.getConservation()).ok, true)
  })
})
