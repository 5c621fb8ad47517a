import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { devPrivateKey } from '@duckmesh/local-chain'
import {
  assignmentHash,
  DuckMeshError,
  parseDuck,
  recover,
  type SignedReceipt,
  seatCommitTypedData,
  sessionHeader,
  sessionTypedData,
} from '@duckmesh/protocol'
import { type LocalAccount, zeroHash } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import type { Node } from '../src/createNode.ts'
import type { Executor } from '../src/executors/executor.ts'
import type { Stage } from '../src/ports/observe.ts'
import { orderFor, request, signOrder } from './orders.ts'
import { startWorld, type TestWorld, until } from './testWorld.ts'

describe('redundant lane of three nodes', () => {
  let world: TestWorld
  let nodes: Node[]
  const passed: Stage[] = []
  /** Seats by index that give a wrong answer for now. */
  const lying = new Set<number>()
  /** While it is there, no run ends before it. */
  let hold: Promise<void> | undefined
  let holding = 0
  before(async () => {
    world = await startWorld()
    const engine = world.executor
    /** The real engine; while its seat is lying, the text is another one for each seat. */
    const executor = (index: number): Executor => ({
      ...engine,
      run: async (wanted, options) => {
        const { result, promptTokens } = await engine.run(wanted, options)
        holding += 1
        await hold
        holding -= 1
        if (!lying.has(index)) return { result, promptTokens }
        return { result: { ...result, text: `${result.text} says ${index}` }, promptTokens }
      },
    })
    nodes = [
      await world.node(0, { executor: executor(0), observe: (stage) => void passed.push(stage) }),
      await world.node(1, { executor: executor(1) }),
      await world.node(2, { executor: executor(2) }),
    ]
  })
  after(() => world.stop())

  const seatsOf = () => nodes.map(({ providerId }) => providerId)
  async function orderJob(fields: Parameters<typeof orderFor>[2] = {}) {
    const { executor, buyer, coordinator, mesh } = world
    const order = orderFor(executor, buyer, { coordinator: coordinator.account.address, ...fields })
    return { order, request, ...(await signOrder(mesh.domain, order, buyer)) }
  }
  const ownerOf = (index: number) => world.mesh.owner(seatsOf()[index]!)
  const committed = (jobId: `0x${string}`) => () =>
    world.coordinator.commitments(jobId).commitments.every((one) => !/^0x0+$/.test(one))

  test('run, promise, commit and open; every seat is paid its share less the fee', async () => {
    const { coordinator, mesh } = world
    const job = await orderJob()
    await coordinator.assign(job, seatsOf())
    await until('three commitments', committed(job.jobId))
    await coordinator.anchor(job.jobId)
    coordinator.tellOpen(job.jobId)
    await until('three openings', () => coordinator.of('openings', job.jobId).length === 3)
    const before = await mesh.freeWei(await ownerOf(0))
    await coordinator.close(job.jobId)
    assert.equal(await mesh.status(job.jobId), 'paid')
    assert.equal((await mesh.freeWei(await ownerOf(0))) - before, parseDuck('0.95'))
    await until('the node knows', () => passed.at(-1) === 'finalized')
    const expected = ['work-received', 'run-started', 'run-done', 'promised', 'commit-sent', 'open-verified']
    assert.deepEqual(passed, [...expected, 'opening-sent', 'finalized'])
    const { receipt } = coordinator.of('openings', job.jobId)[0]!.receipt as SignedReceipt
    assert.equal(receipt.completionTokens, request.maxTokens)
  })

  test('after a silent seat was replaced the others repeat their commitment and name the anchored assignment', async () => {
    const { coordinator, mesh } = world
    const [first, second, third] = seatsOf()
    const job = await orderJob()
    // 99 is silent: the two others commit, then the coordinator seats the third under a new assignment
    await coordinator.assign(job, [first!, second!, 99])
    await until('two commitments', () => coordinator.of('commitments', job.jobId).length === 2)
    await coordinator.assign(job, [first!, second!, third!], { issuedAt: Math.floor(Date.now() / 1_000) + 1 })
    await until('two commitments and three', () => coordinator.of('commitments', job.jobId).length === 5)
    const told = coordinator.of('commitments', job.jobId)
    for (const seat of [first, second]) {
      const own = told.filter(({ providerId }) => providerId === seat).map(({ commitment }) => commitment)
      assert.equal(new Set(own).size, 1, 'a seat said the same whenever it was asked')
    }
    await coordinator.anchor(job.jobId)
    await until('three openings', () => coordinator.of('openings', job.jobId).length >= 3)
    const hashes = coordinator
      .of('openings', job.jobId)
      .map(({ receipt }) => (receipt as SignedReceipt).receipt.assignmentHash)
    assert.equal(new Set(hashes).size, 1, 'all receipts name the assignment that was anchored')
    await coordinator.close(job.jobId)
    assert.equal(await mesh.status(job.jobId), 'paid')
  })

  test('a seat that is replaced while the others run: they commit once, for the seating that counts', async () => {
    const { coordinator, mesh } = world
    const [first, second, third] = seatsOf()
    const job = await orderJob()
    const held = Promise.withResolvers<void>()
    hold = held.promise
    await coordinator.assign(job, [first!, second!, 99])
    await until('they run', () => holding === 2)
    const latest = await coordinator.assign(job, [first!, second!, third!], {
      issuedAt: Math.floor(Date.now() / 1_000) + 1,
    })
    await new Promise((resolve) => setTimeout(resolve, 300))
    hold = undefined
    held.resolve()
    await until('three commitments', () => coordinator.of('commitments', job.jobId).length >= 3)
    const signers = await Promise.all(
      coordinator.of('commitments', job.jobId).map(({ providerId, commitment, signature }) => {
        const statement = { assignmentHash: assignmentHash(latest), providerId, commitment }
        const typedData = seatCommitTypedData(mesh.domain, statement as never)
        return recover({ ...typedData, signature: signature as `0x${string}` })
      }),
    )
    const keys = [0, 1, 2].map((index) => privateKeyToAccount(devPrivateKey(5 + 2 * index)).address)
    assert.deepEqual(new Set(signers), new Set(keys), 'all are signed for the latest seating')
    await coordinator.anchor(job.jobId)
    await until('three openings', () => coordinator.of('openings', job.jobId).length >= 3)
    await coordinator.close(job.jobId)
    assert.equal(await mesh.status(job.jobId), 'paid')
  })

  test('a lying seat is slashed; results are for the requester alone, and only after the opening', async () => {
    const { coordinator, mesh, buyer } = world
    lying.add(2)
    const job = await orderJob()
    await coordinator.assign(job, seatsOf())
    await until('three commitments', committed(job.jobId))
    lying.clear()
    const askFor = async (index: number, account: LocalAccount) => {
      const audience = privateKeyToAccount(devPrivateKey(5 + 2 * index)).address
      const session = { account: account.address, audience, expiresAt: Math.floor(Date.now() / 1_000) + 60 }
      const signature = await account.signTypedData(sessionTypedData(mesh.domain, session))
      const url = `${nodes[index]!.address().url}/jobs/${job.jobId}/result`
      const response = await fetch(url, { headers: { authorization: sessionHeader(session, signature) } })
      return { status: response.status, text: await response.text() }
    }
    const peer = privateKeyToAccount(devPrivateKey(7))
    await coordinator.anchor(job.jobId)
    await until('three openings', () => coordinator.of('openings', job.jobId).length === 3)
    assert.equal(
      (await askFor(0, buyer)).status,
      409,
      'a colluding requester learns nothing before the chain',
    )
    assert.equal((await askFor(0, peer)).status, 403)
    await coordinator.close(job.jobId)
    // each node sees the end of the round by itself
    for (const index of [0, 2]) {
      await until('the answer', async () => (await askFor(index, buyer)).status === 200)
    }
    const [honest, liar] = [await askFor(0, buyer), await askFor(2, buyer)]
    assert.ok(!honest.text.includes('says 2') && liar.text.includes('says 2'))
    assert.equal((await askFor(0, peer)).status, 403)
    const provider = await mesh.provider(seatsOf()[2]!)
    assert.equal(provider.stakedWei, parseDuck('190'))
  })

  test('no majority: nobody is slashed, and the second round is run and paid under its own promise', async () => {
    const { coordinator, mesh } = world
    for (const index of [0, 1, 2]) lying.add(index)
    const job = await orderJob()
    await coordinator.assign(job, seatsOf())
    await until('three commitments', committed(job.jobId))
    await coordinator.anchor(job.jobId)
    await until('three openings', () => coordinator.of('openings', job.jobId).length === 3)
    await coordinator.close(job.jobId)
    assert.equal(await mesh.status(job.jobId), 'reseating')
    lying.clear()
    const stakedWei = (await mesh.provider(seatsOf()[0]!)).stakedWei
    await coordinator.assign(job, seatsOf(), { round: 1 })
    await until('three new commitments', committed(job.jobId))
    await coordinator.anchor(job.jobId)
    await until('three new openings', () => coordinator.of('openings', job.jobId).length === 6)
    await coordinator.close(job.jobId)
    assert.equal(await mesh.status(job.jobId), 'paid')
    assert.equal((await mesh.provider(seatsOf()[0]!)).stakedWei, stakedWei)
  })

  test('without a coordinator after the work: the seats commit, open and close on chain and are paid', async () => {
    const { coordinator, mesh } = world
    const job = await orderJob()
    await coordinator.assign(job, seatsOf())
    await until('three commitments', committed(job.jobId))
    await coordinator.stop()
    await until('paid by the seats alone', async () => (await mesh.status(job.jobId)) === 'paid')
    await coordinator.start()
  })

  test('a coordinator that anchors and is gone cannot cost a bond: the seats open and close on chain', async () => {
    const { coordinator, mesh } = world
    const job = await orderJob()
    await coordinator.assign(job, seatsOf())
    await until('three commitments', committed(job.jobId))
    coordinator.failing = new DuckMeshError('STORE_UNAVAILABLE', 'The store is away.')
    await coordinator.anchor(job.jobId)
    await until('paid by the seats alone', async () => (await mesh.status(job.jobId)) === 'paid')
    coordinator.failing = undefined
  })

  test('a coordinator that takes the openings and never uses them cannot cost a bond', async () => {
    const { coordinator, mesh } = world
    const job = await orderJob({ execWindow: 5 })
    await coordinator.assign(job, seatsOf())
    await until('three commitments', committed(job.jobId))
    await coordinator.anchor(job.jobId)
    await until('three openings', () => coordinator.of('openings', job.jobId).length === 3)
    await until('paid by the seats alone', async () => (await mesh.status(job.jobId)) === 'paid')
  })

  test('a silent seat: the others close the round after the reveal deadline and are paid', async () => {
    const { coordinator, mesh, chain } = world
    const liar = privateKeyToAccount(devPrivateKey(18))
    await mesh.fundDeposit(liar, parseDuck('200'))
    await mesh.send(liar, 'registerProvider', [liar.address, zeroHash, '', parseDuck('200')])
    const silent = await mesh.providerIdByKey(liar.address)
    const job = await orderJob({ execWindow: 30 })
    const assignment = await coordinator.assign(job, [silent, ...seatsOf().slice(0, 2)])
    await until('two commitments', () => coordinator.of('commitments', job.jobId).length === 2)
    const commitment = {
      assignmentHash: assignmentHash(assignment),
      providerId: silent,
      commitment: job.jobId,
    }
    const signature = await liar.signTypedData(seatCommitTypedData(mesh.domain, commitment))
    const body = { round: assignment.round, providerId: silent, commitment: job.jobId, signature }
    coordinator.received.push({ kind: 'commitments', jobId: job.jobId, body })
    await coordinator.anchor(job.jobId)
    await coordinator.stop()
    await until(
      'own openings on chain',
      async () => (await mesh.openings(job.jobId, seatsOf().slice(0, 2))) === 2,
    )
    assert.equal(await mesh.status(job.jobId), 'anchored')
    await chain.passSeconds(40)
    await until('paid', async () => (await mesh.status(job.jobId)) === 'paid')
    await coordinator.start()
  })
})
