import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { DuckMeshError } from '@duckmesh/protocol'
import { zeroAddress } from 'viem'
import { startDirectLane } from '../../../test/startDirectLane.ts'
import { json } from '../../../test/startHttpStub.ts'
import { startTestCoordinator, type TestCoordinator } from '../../../test/startTestCoordinator.ts'
import type { TestMesh } from '../../../test/startTestMesh.ts'
import type { TestNode } from '../../../test/startTestNode.ts'
import { DuckMeshClient } from '../../clients/DuckMeshClient.ts'

describe('the on-chain lane on real contracts', () => {
  let mesh: TestMesh
  let coordinator: TestCoordinator
  let node: TestNode
  let client: DuckMeshClient

  let order: Awaited<ReturnType<typeof startDirectLane>>['order']
  let stop: () => Promise<void>

  before(async () => {
    ;({ mesh, coordinator, node, client, order, stop } = await startDirectLane())
  })
  after(() => stop())

  it('default: posts, finds the node, and gives the answer whose hash is on chain', async () => {
    const job = await order()
    const answer = await client.waitForDirectResult(job)
    assert.equal(answer.text, ' quack')
    assert.equal(answer.status, 'submitted')
    assert.deepEqual(
      answer.checks.map(({ name, ok }) => `${name} ${ok}`),
      ['result true', 'receipts true'],
    )
    assert.deepEqual(
      answer.transactions.map(({ kind }) => kind),
      ['JobPosted', 'JobAccepted', 'JobCompleted'],
    )
  })

  it('behavior: sending a direct job again posts nothing twice', async () => {
    const job = await order(true)
    const { freeWei } = await client.getBalance()
    await client.sendDirectJob(job)
    assert.equal((await client.getBalance()).freeWei, freeWei)
  })

  it('error: an answer other than the submitted one is RECEIPT_UNVERIFIED', async () => {
    const job = await order()
    node.delivers = { ...node.result, text: ' moo' }
    await assert.rejects(client.waitForDirectResult(job), { code: 'RECEIPT_UNVERIFIED' })
  })

  it('error: a provider that does nothing is WAIT_TIMEOUT, and the job can be cancelled', async () => {
    const before = await client.getBalance()
    const job = await order(true)
    await assert.rejects(client.waitForDirectResult(job, { timeoutMs: 300 }), { code: 'WAIT_TIMEOUT' })
    await client.cancelJob(job.order)
    assert.equal((await client.getBalance()).freeWei, before.freeWei)
    await assert.rejects(client.waitForDirectResult(job), { code: 'JOB_FAILED' })
  })

  it('error: expiring too early is CHAIN_REVERTED with TooEarly; later the price is back', async () => {
    const before = await client.getBalance()
    const job = await order(true)
    await assert.rejects(client.expireJob(job.order), (error: DuckMeshError) => {
      assert.deepEqual([error.code, error.details.reason], ['CHAIN_REVERTED', 'TooEarly'])
      return true
    })
    await mesh.chain.increaseTime({ seconds: 130 })
    await client.expireJob(job.order)
    assert.equal((await client.getBalance()).freeWei, before.freeWei)
  })

  it('behavior: an order after the chain was advanced is still in time', async () => {
    await mesh.chain.increaseTime({ seconds: 86_400 })
    await mesh.chain.mine({ blocks: 1 })
    const { text } = await client.waitForDirectResult(await order())
    assert.equal(text, ' quack')
  })

  it('error: a node that refuses leaves the signed job in the error, so that nothing is lost', async () => {
    const handler = node.handlers['POST /jobs']!
    node.handlers['POST /jobs'] = json(
      { error: { code: 'PROMPT_TOO_LONG', message: 'no', details: {} } },
      400,
    )
    await assert.rejects(order(), (error) => {
      assert.ok(error instanceof DuckMeshError)
      assert.equal(error.code, 'PROMPT_TOO_LONG')
      const prepared = error.details.prepared as { jobId: string; order: { requester: string } }
      assert.equal(prepared.order.requester, mesh.buyer.address)
      assert.equal(prepared.jobId, error.details.jobId)
      return true
    })
    node.handlers['POST /jobs'] = handler
  })

  it('error: an unknown provider is NO_PROVIDERS before anything is posted', async () => {
    const { freeWei } = await client.getBalance()
    await assert.rejects(client.submitDirectJob({ providerId: 9, prompt: 'x' }), { code: 'NO_PROVIDERS' })
    assert.equal((await client.getBalance()).freeWei, freeWei)
  })

  it('error: connecting to a mesh that is not the pinned one, or has no code, is WRONG_CHAIN', async () => {
    const { rpcUrl } = mesh
    const at = { coordinatorUrl: coordinator.url, rpcUrl }
    await assert.rejects(DuckMeshClient.connect({ ...at, mesh: zeroAddress }), { code: 'WRONG_CHAIN' })
    const empty = await startTestCoordinator({
      ...mesh,
      domain: { ...mesh.domain, verifyingContract: mesh.buyer.address },
    })
    await assert.rejects(DuckMeshClient.connect({ ...at, coordinatorUrl: empty.url }), {
      code: 'WRONG_CHAIN',
    })
    await empty.stop()
    const other = await startTestCoordinator({ ...mesh, domain: { ...mesh.domain, chainId: 1 } })
    await assert.rejects(DuckMeshClient.connect({ ...at, coordinatorUrl: other.url }), {
      code: 'WRONG_CHAIN',
    })
    await other.stop()
  })

  it('error: no chain behind the RPC URL is CHAIN_UNAVAILABLE', async () => {
    const at = { coordinatorUrl: coordinator.url, rpcUrl: 'http://127.0.0.1:1' }
    await assert.rejects(DuckMeshClient.connect(at), { code: 'CHAIN_UNAVAILABLE' })
  })
})
