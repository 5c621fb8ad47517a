// The short way of a redundant job: seats that agree show a hash, are paid at once, and deliver the result afterwards.
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { devPrivateKey } from '@duckmesh/local-chain'
import {
  DuckMeshError,
  parseDuck,
  type SignedReceipt,
  sessionHeader,
  sessionTypedData,
} from '@duckmesh/protocol'
import { privateKeyToAccount } from 'viem/accounts'
import type { Node } from '../src/createNode.ts'
import type { Stage } from '../src/ports/observe.ts'
import { orderFor, request, signOrder } from './orders.ts'
import { startWorld, type TestWorld, until } from './testWorld.ts'

describe('three nodes that agree', () => {
  let world: TestWorld
  let nodes: Node[]
  const passed: Stage[] = []
  before(async () => {
    world = await startWorld()
    nodes = [
      await world.node(0, { observe: (stage) => void passed.push(stage) }),
      await world.node(1),
      await world.node(2),
    ]
  })
  beforeEach(() => passed.splice(0))
  after(() => world.stop())

  const seatsOf = () => nodes.map(({ providerId }) => providerId)
  const ownerOf = (index: number) => world.mesh.owner(seatsOf()[index]!)
  /** A job whose seats have all committed. */
  async function committed(fields: Parameters<typeof orderFor>[2] = {}) {
    const { executor, buyer, coordinator, mesh } = world
    const order = orderFor(executor, buyer, { coordinator: coordinator.account.address, ...fields })
    const job = { order, request, ...(await signOrder(mesh.domain, order, buyer)) }
    const assignment = await coordinator.assign(job, seatsOf())
    const isCommitted = () =>
      coordinator.commitments(job.jobId).commitments.every((one) => !/^0x0+$/.test(one))
    await until('three commitments', isCommitted)
    return { ...job, assignment }
  }
  async function revealed(fields: Parameters<typeof orderFor>[2] = {}) {
    const job = await committed(fields)
    world.coordinator.askReveal(job.jobId)
    await until('three reveals', () => world.coordinator.of('reveals', job.jobId).length === 3)
    return job
  }
  async function askFor(index: number, jobId: string) {
    const audience = privateKeyToAccount(devPrivateKey(5 + 2 * index)).address
    const session = { account: world.buyer.address, audience, expiresAt: Math.floor(Date.now() / 1_000) + 60 }
    const signature = await world.buyer.signTypedData(sessionTypedData(world.mesh.domain, session))
    const url = `${nodes[index]!.address().url}/jobs/${jobId}/result`
    return fetch(url, { headers: { authorization: sessionHeader(session, signature) } })
  }

  test('they show a hash, are paid in one transaction, and only then give the result away', async () => {
    const { coordinator, mesh } = world
    const { jobId } = await revealed()
    coordinator.tellOpen(jobId)
    await new Promise((resolve) => setTimeout(resolve, 300))
    assert.equal(coordinator.of('openings', jobId).length, 0, 'nobody has paid yet')
    assert.equal((await askFor(0, jobId)).status, 409)
    const before = await mesh.freeWei(await ownerOf(0))
    await coordinator.settle(jobId)
    assert.equal((await mesh.freeWei(await ownerOf(0))) - before, parseDuck('0.95'))
    assert.equal(await mesh.status(jobId), 'none', 'the contract keeps no word for it')
    await until('three openings', () => coordinator.of('openings', jobId).length === 3)
    await until('the node knows', () => passed.at(-1) === 'finalized')
    const earlier = ['work-received', 'run-started', 'run-done', 'promised', 'commit-sent', 'revealed']
    assert.deepEqual(passed, [...earlier, 'reveal-sent', 'open-verified', 'opening-sent', 'finalized'])
    const answer = await askFor(0, jobId)
    assert.equal(answer.status, 200)
    const { receipt } = (await answer.json()) as { receipt: SignedReceipt }
    const hashes = coordinator
      .of('openings', jobId)
      .map(({ receipt: given }) => (given as SignedReceipt).receipt.assignmentHash)
    assert.deepEqual(new Set(hashes), new Set([receipt.receipt.assignmentHash]))
    assert.notEqual(BigInt(receipt.receipt.assignmentHash), 0n)
  })

  test('the coordinator is gone once they are paid: they end, and give the result to the buyer', async () => {
    const { coordinator } = world
    const { jobId } = await revealed()
    await coordinator.stop()
    await coordinator.settle(jobId)
    await until('it is final', () => passed.at(-1) === 'finalized')
    assert.equal(coordinator.of('openings', jobId).length, 0)
    assert.equal((await askFor(0, jobId)).status, 200)
    await coordinator.start()
  })

  test('the coordinator is gone after the reveals: they commit, open and close on chain', async () => {
    const { coordinator, mesh } = world
    const { jobId } = await revealed()
    await coordinator.stop()
    await until('paid by the seats alone', async () => (await mesh.status(jobId)) === 'paid')
    await coordinator.start()
  })

  test('the coordinator anchors although all have revealed: they open, and are paid', async () => {
    const { coordinator, mesh } = world
    const { jobId } = await revealed()
    await coordinator.anchor(jobId)
    await until('three openings', () => coordinator.of('openings', jobId).length === 3)
    await coordinator.close(jobId)
    assert.equal(await mesh.status(jobId), 'paid')
  })

  test('seated anew after the reveals: they give the seat back, and are still bound by the first seating', async () => {
    const { coordinator, mesh } = world
    const job = await revealed()
    const { jobId, assignment } = job
    const told = coordinator.of('commitments', jobId).length
    const later = { issuedAt: assignment.issuedAt + 1 }
    await coordinator.assign(job, seatsOf(), later)
    await until('three declines', () => coordinator.of('decline', jobId).length === 3)
    assert.deepEqual(
      coordinator.of('decline', jobId).map(({ code }) => code),
      Array(3).fill('ALREADY_REVEALED'),
    )
    assert.equal(coordinator.of('commitments', jobId).length, told, 'nothing was signed for the new seating')
    coordinator.failing = new DuckMeshError('STORE_UNAVAILABLE', 'The store is away.')
    await until('paid by the seats alone', async () => (await mesh.status(jobId)) === 'paid')
    coordinator.failing = undefined
  })

  test('a reveal that the coordinator could not take is sent again, the same one', async () => {
    const { coordinator } = world
    const { jobId } = await committed()
    coordinator.askReveal(jobId)
    coordinator.failing = new DuckMeshError('STORE_UNAVAILABLE', 'The store is away.')
    await until('it is signed', () => passed.includes('revealed'))
    coordinator.failing = undefined
    await until('three reveals', () => {
      const ids = coordinator.of('reveals', jobId).map(({ providerId }) => providerId)
      return new Set(ids).size === 3
    })
    const said = coordinator
      .of('reveals', jobId)
      .map(({ providerId, signature }) => `${providerId} ${signature}`)
    assert.equal(new Set(said).size, 3)
    await coordinator.settle(jobId)
    await until('it is final', () => passed.at(-1) === 'finalized')
  })
})
