import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  type DuckMeshError,
  disputeBodySchema,
  hashCanonical,
  type Order,
  parseDuck,
} from '@duckmesh/protocol'
import { zeroAddress } from 'viem'
import { startDirectLane } from '../../../test/startDirectLane.ts'
import { json } from '../../../test/startHttpStub.ts'
import { prepareDirectJob } from './prepareDirectJob.ts'

const claimed = hashCanonical({ text: 'better' })

describe('disputeJob', () => {
  let lane: Awaited<ReturnType<typeof startDirectLane>>
  /** Orders that the coordinator was told of. */
  const told: Order[] = []
  before(async () => {
    lane = await startDirectLane()
    takeDisputes()
  })
  after(() => lane.stop())

  const takeDisputes = () => {
    lane.coordinator.handlers['POST /v1/disputes'] = async (response, request, body) => {
      told.push(disputeBodySchema.parse(body).order)
      await json({ jobId: claimed, isNew: true }, 201)(response, request, body)
    }
  }

  it('default: locks the bond, tells the coordinator, and conservation holds', async () => {
    const { client, order } = lane
    const job = await order()
    const submitted = await client.getConservation()
    const { jobId, transactionHash } = await client.disputeJob(job, claimed)
    assert.equal(jobId, job.jobId)
    assert.ok(transactionHash)
    assert.deepEqual(told.at(-1), job.order)
    const { dispute, status } = await client.getJobOnChain(jobId)
    assert.equal(status, 'disputed')
    assert.deepEqual(dispute, {
      challenger: client.account,
      accused: 1,
      bondWei: job.order.bondWei,
      claimedOutputHash: claimed,
      upheld: undefined,
    })
    const disputed = await client.getConservation()
    assert.ok(submitted.ok && disputed.ok)
    assert.equal(disputed.escrowWei, submitted.escrowWei)
    assert.equal(disputed.bondsWei - submitted.bondsWei, job.order.bondWei)
    assert.equal(disputed.freeWei, submitted.freeWei - job.order.bondWei)
  })

  it('behavior: after a coordinator that was away, the same call locks nothing twice', async () => {
    const { client, coordinator, order } = lane
    const job = await order()
    const refusal = { error: { code: 'STORE_LOCKED', message: 'no', details: {} } }
    coordinator.handlers['POST /v1/disputes'] = json(refusal, 500)
    await assert.rejects(client.disputeJob(job, claimed), (error: DuckMeshError) => {
      assert.equal(error.code, 'STORE_LOCKED')
      assert.match(String(error.details.transactionHash), /^0x[0-9a-f]{64}$/)
      return true
    })
    takeDisputes()
    const { freeWei } = await client.getBalance()
    const { transactionHash } = await client.disputeJob(job, claimed)
    assert.equal(transactionHash, undefined)
    assert.equal((await client.getBalance()).freeWei, freeWei)
    assert.deepEqual(told.at(-1), job.order)
  })

  it('error: another request, another coordinator and the submitted output are refused before anything is locked', async () => {
    const { client, node, order } = lane
    const job = await order()
    const { freeWei } = await client.getBalance()
    const count = told.length
    const request = { ...job.request, seed: 9 }
    await assert.rejects(client.disputeJob({ ...job, request }, claimed), { code: 'INPUT_MISMATCH' })
    const elsewhere = { ...job, order: { ...job.order, coordinator: zeroAddress } }
    await assert.rejects(client.disputeJob(elsewhere, claimed), { code: 'WRONG_COORDINATOR' })
    await assert.rejects(client.disputeJob(job, hashCanonical(node.result)), (error: DuckMeshError) => {
      assert.deepEqual([error.code, error.details.reason], ['CHAIN_REVERTED', 'SameOutput'])
      return true
    })
    assert.equal((await client.getBalance()).freeWei, freeWei)
    assert.equal(told.length, count)
  })

  it('default: the bond of a direct job pays three seats of its model', async () => {
    const { context } = lane.client
    const parameters = { providerId: 1, prompt: 'Say quack' }
    assert.equal((await prepareDirectJob(context, parameters)).order.bondWei, parseDuck('6'))
    const dear = await prepareDirectJob(context, { ...parameters, priceWei: parseDuck('7') })
    assert.equal(dear.order.bondWei, parseDuck('7'))
  })

  it('behavior: a dispute that nobody seats ends undecided: the bond comes back and the provider is paid', async () => {
    const { client, mesh, order } = lane
    const job = await order()
    await assert.rejects(client.waitForDispute(job.order), { code: 'NOT_DISPUTED' })
    const { freeWei } = await client.getBalance()
    await client.disputeJob(job, claimed)
    await assert.rejects(client.waitForDispute(job.order, { timeoutMs: 100 }), { code: 'WAIT_TIMEOUT' })
    await mesh.chain.increaseTime({ seconds: 2 * job.order.execWindow + 2 })
    await client.expireJob(job.order)
    const { upheld, isDecided, outcome } = await client.waitForDispute(job.order)
    assert.deepEqual([upheld, isDecided], [false, false])
    assert.equal(outcome.outputHash, hashCanonical(lane.node.result))
    assert.deepEqual(outcome.paid, [{ providerId: 1, earnedWei: parseDuck('1') }])
    assert.deepEqual(outcome.slashed, [])
    assert.equal((await client.getBalance()).freeWei, freeWei)
  })
})
