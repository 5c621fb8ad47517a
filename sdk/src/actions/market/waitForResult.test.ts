import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { DuckMeshError, parseDuck } from '@duckmesh/protocol'
import { startTestCoordinator, type TestCoordinator } from '../../../test/startTestCoordinator.ts'
import { startTestMesh, type TestMesh } from '../../../test/startTestMesh.ts'
import { DuckMeshClient } from '../../clients/DuckMeshClient.ts'

const prompt = 'Once upon a time'

describe('submitJob and waitForResult on real contracts', () => {
  let mesh: TestMesh
  let coordinator: TestCoordinator
  let client: DuckMeshClient

  before(async () => {
    mesh = await startTestMesh(4)
    coordinator = await startTestCoordinator(mesh)
    const { rpcUrl, buyer } = mesh
    client = await DuckMeshClient.connect({ coordinatorUrl: coordinator.url, rpcUrl, account: buyer })
    await client.deposit(parseDuck('1000'))
  })
  after(async () => {
    await coordinator.stop()
    await mesh.stop()
  })

  const order = async (plays: TestCoordinator['plays'] = []) => {
    coordinator.plays = plays
    return client.submitJob({ prompt, maxTokens: 8 })
  }

  it('default: gives the answer, who was paid, and a list of checks that all hold', async () => {
    const before = await client.getBalance()
    const job = await order()
    const seen: string[] = []
    const answer = await client.waitForResult(job.jobId, {
      request: job.request,
      onEvent: (event) => seen.push(event.type),
    })
    assert.equal(answer.text, ' a duck went out.')
    assert.deepEqual(seen, ['received', 'assigned', 'anchored', 'settled'])
    assert.equal(answer.outcome.paid.length, 3)
    assert.equal(answer.receipts.length, 3)
    assert.deepEqual(
      answer.checks.map(({ name, ok }) => `${name} ${ok}`),
      [
        'order-digest true',
        'order-signature true',
        'request true',
        'assignment-signatures true',
        'assignment-draws true',
        'seats true',
        'chain-status true',
        'commitments true',
        'openings true',
        'majority true',
        'result true',
        'receipts true',
        'outcome true',
        'payments true',
        'slashes true',
      ],
    )
    const spent = before.freeWei - (await client.getBalance()).freeWei
    assert.equal(spent, parseDuck('3'))
  })

  it('behavior: seats that were paid at once: the same checks hold, and the answer may come a moment later', async () => {
    const before = await client.getBalance()
    coordinator.isPayingAtOnce = true
    coordinator.deliveringPolls = 3
    const priceWei = parseDuck('3') + 2n
    const job = await client.submitJob({ prompt, maxTokens: 8, maxPriceWei: priceWei })
    coordinator.isPayingAtOnce = false
    const answer = await client.waitForResult(job.jobId, { request: job.request })
    assert.equal(coordinator.deliveringPolls, -1, 'it was asked until it had the answer')
    assert.equal(answer.checks.length, 15)
    assert.deepEqual(
      answer.outcome.paid.map(({ earnedWei }) => earnedWei),
      Array(3).fill(job.order.priceWei / 3n),
    )
    assert.equal(answer.outcome.refundedWei, 0n, 'dust never moved')
    const { status, rounds, transactions } = await client.getJobOnChain(job.jobId)
    assert.deepEqual([status, rounds[0]?.isPaidAtOnce], ['paid', true])
    assert.deepEqual(
      transactions.map(({ kind }) => kind),
      ['SeatsSettled'],
    )
    assert.equal(before.freeWei - (await client.getBalance()).freeWei, (job.order.priceWei / 3n) * 3n)
    assert.ok((await client.getConservation()).ok)
  })

  it('behavior: a seat with another answer is slashed, and the audit finds exactly that', async () => {
    const { jobId } = await order([{ text: 'wrong', tokens: [9], finishReason: 'stop' }])
    const { outcome, text } = await client.waitForResult(jobId)
    assert.equal(text, ' a duck went out.')
    assert.deepEqual(
      outcome.slashed.map((slash) => slash.reason),
      ['minority'],
    )
    assert.equal(outcome.paid.length, 2)
    assert.equal(outcome.refundedWei, parseDuck('1'))
  })

  it('behavior: a silent seat is slashed, and the audit finds exactly that', async () => {
    const { jobId } = await order(['silent'])
    const audit = await client.verifyJob(jobId)
    assert.deepEqual(
      audit.checks.filter((check) => !check.ok),
      [],
    )
    assert.deepEqual(
      audit.outcome?.slashed.map((slash) => slash.reason),
      ['silent'],
    )
  })

  it('behavior: an order without majority is audited as far as it went', async () => {
    const lie = (text: string) => ({ text, tokens: [1], finishReason: 'stop' as const })
    const { jobId } = await order([lie('a'), lie('b'), lie('c')])
    const { ok, checks, outcome, state } = await client.verifyJob(jobId)
    assert.deepEqual([ok, outcome, state], [true, undefined, 'reseating'], JSON.stringify(checks))
  })

  /** Everything that a coordinator could try, and the check that finds it. */
  const lies: [string, string, (job: ReturnType<TestCoordinator['jobs']['get']>) => void][] = [
    [
      'another answer',
      'result',
      (job) => {
        job!.answer.result.text = 'bought elsewhere'
      },
    ],
    [
      'another order',
      'order-digest',
      (job) => {
        job!.status.order.priceWei += 1n
      },
    ],
    [
      'another draw',
      'assignment-draws',
      (job) => {
        job!.status.assignments[0]!.record.candidates.pop()
      },
    ],
    [
      'another seat',
      'seats',
      (job) => {
        job!.status.assignments[0]!.assignment.seats.reverse()
      },
    ],
    [
      'another opening',
      'openings',
      (job) => {
        job!.status.openings[0]!.salt = job!.status.jobId
      },
    ],
    [
      'another commitment',
      'commitments',
      (job) => {
        job!.status.commitments[1]!.commitment = job!.status.jobId
      },
    ],
    [
      'a higher payment',
      'outcome',
      (job) => {
        job!.status.outcome!.paid[0]!.earnedWei += 1n
      },
    ],
    [
      'a receipt for more tokens',
      'receipts',
      (job) => {
        job!.answer.receipts[0]!.receipt.promptTokens += 1
      },
    ],
    [
      'no receipt',
      'receipts',
      (job) => {
        job!.answer.receipts = []
        job!.status.openings = []
      },
    ],
  ]
  for (const [lie, check, tell] of lies) {
    it(`error: ${lie} is refused with RECEIPT_UNVERIFIED and found by "${check}"`, async () => {
      const { jobId } = await order()
      tell(coordinator.jobs.get(jobId))
      await assert.rejects(client.waitForResult(jobId), (error) => {
        assert.ok(error instanceof DuckMeshError)
        assert.equal(error.code, 'RECEIPT_UNVERIFIED')
        const failed = (error.details.failed as { name: string }[]).map(({ name }) => name)
        assert.ok(failed.includes(check), `${failed.join()} were found`)
        return true
      })
    })
  }

  it('error: a job that expired is JOB_FAILED with state and chain status', async () => {
    const { jobId } = await order()
    const job = coordinator.jobs.get(jobId)!
    job.status.state = 'expired'
    job.events.at(-1)!.type = 'expired'
    await assert.rejects(client.waitForResult(jobId), (error) => {
      assert.ok(error instanceof DuckMeshError)
      assert.equal(error.code, 'JOB_FAILED')
      assert.deepEqual([error.details.state, error.details.chainStatus], ['expired', 'paid'])
      return true
    })
  })

  it('error: a job that is not closed in time is WAIT_TIMEOUT', async () => {
    const { jobId } = await order()
    const job = coordinator.jobs.get(jobId)!
    job.events.pop()
    job.status.state = 'anchored'
    await assert.rejects(client.waitForResult(jobId, { timeoutMs: 700 }), { code: 'WAIT_TIMEOUT' })
  })

  it('error: an unknown job is JOB_NOT_FOUND at once', async () => {
    await assert.rejects(client.waitForResult(`0x${'00'.repeat(32)}`), { code: 'JOB_NOT_FOUND' })
  })

  it('behavior: conservation holds after payments and slashes', async () => {
    const conservation = await client.getConservation()
    assert.equal(conservation.differenceWei, 0n)
    assert.ok(conservation.ok)
    assert.ok(conservation.burnedWei > 0n)
    assert.equal(conservation.escrowWei, parseDuck('3'), 'the job without majority is still open')
  })
})
