// The RPC endpoint stops answering in the middle of a job and comes back: errors are typed, the job settles.
import assert from 'node:assert/strict'
import process from 'node:process'
import { after, afterEach, before, describe, test } from 'node:test'
import { DuckMeshError, type InferenceResult } from '@duckmesh/protocol'
import { DuckMeshClient } from '@duckmesh/sdk'
import { privateKeyToAccount } from 'viem/accounts'
import { armCrash } from './crash/crashPoint.ts'
import { bringUp, crashPrograms, honestProviders, type TestMesh } from './support/bringUp.ts'
import { readMoney } from './support/money.ts'
import { ownRun } from './support/ownRun.ts'
import { assertAllPaid, assertJournals, orderJob, sendJob } from './support/redundantJob.ts'
import { standsStill } from './support/standsStill.ts'
import { until } from './support/until.ts'

/** The short way, and the long one, which is taken when the seats are never asked to reveal; each with its stages. */
const ways = {
  short: { env: {}, stages: ['received', 'committed', 'settling', 'settle-sent'] },
  anchored: { env: { REVEAL_TIMEOUT_MS: '0' }, stages: ['anchoring', 'anchor-sent', 'settle-sent'] },
}

for (const [way, { env, stages }] of Object.entries(ways)) {
  describe(`the RPC endpoint goes away, the ${way} way`, () => outages(env, stages))
}

function outages(env: Record<string, string>, stages: string[]): void {
  let mesh: TestMesh
  /** A client that does not wait long. */
  let hasty: DuckMeshClient
  let right: InferenceResult

  before(async () => {
    mesh = await bringUp({ providers: honestProviders(3), programs: crashPrograms, env })
    const { coordinatorUrl, rpcUrl, buyerPrivateKey } = mesh.info
    const account = privateKeyToAccount(buyerPrivateKey)
    hasty = await DuckMeshClient.connect({ coordinatorUrl, rpcUrl, account, timeoutMs: 1_000 })
    right = await ownRun((await orderJob(mesh)).request)
  })
  afterEach((test) => mesh?.note(test))
  after(() => mesh?.end())

  const codeOf = (call: Promise<unknown>): Promise<string> =>
    call.then(
      () => 'no error',
      (thrown) => DuckMeshError.from(thrown).code,
    )
  /** The coordinator and a client say what is wrong. Takes longer than the coordinator waits for an answer. */
  async function assertTypedErrors(): Promise<void> {
    const [ready, balance] = await Promise.all([
      fetch(`${mesh.info.coordinatorUrl}/ready`).then(async (response) => {
        const { error } = (await response.json()) as { error: { code: string; retryable: boolean } }
        return { status: response.status, code: error.code, retryable: error.retryable }
      }),
      codeOf(hasty.getBalance()),
    ])
    assert.deepEqual(ready, { status: 503, code: 'CHAIN_UNAVAILABLE', retryable: true })
    assert.equal(balance, 'CHAIN_UNAVAILABLE')
  }

  for (const stage of stages) {
    test(`at ${stage}: errors are typed meanwhile, the job settles once it is back`, async () => {
      const { client } = mesh
      const before = await readMoney(client)
      const job = await orderJob(mesh)
      const { pid } = mesh.services.get('chain')!
      await armCrash(mesh.dataDirOf('coordinator'), { stage, pid, signal: 'SIGSTOP' })
      await sendJob(mesh, job)
      await until('the chain stands still', () => standsStill(pid))
      await assertTypedErrors()
      process.kill(pid, 'SIGCONT')
      const answer = await client.waitForResult(job.jobId, { timeoutMs: 60_000, request: job.request })
      assert.deepEqual(answer.result, right)
      await assertJournals(mesh, job)
      assertAllPaid(
        before,
        await readMoney(client),
        answer.outcome.paid.map(({ providerId }) => providerId),
      )
      assert.equal((await client.getConservation()).ok, true)
    })
  }

  const once = { skip: env !== ways.short.env && 'the same in every way' }
  test('the health page of a node tells that the chain is away, and that it is back', once, async () => {
    const health = async (): Promise<{ status: string; chainReachable: boolean }> =>
      (await fetch(`${mesh.info.providers[0]!.endpoint}/health`)).json() as never
    const { pid } = mesh.services.get('chain')!
    process.kill(pid, 'SIGSTOP')
    const ill = await until('it notices', async () => {
      const found = await health()
      return found.chainReachable ? undefined : found
    })
    assert.equal(ill.status, 'degraded')
    process.kill(pid, 'SIGCONT')
    await until('it is well again', async () => (await health()).status === 'ok')
  })
}
