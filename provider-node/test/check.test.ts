import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { devPrivateKey } from '@duckmesh/local-chain'
import {
  type Assignment,
  assignmentHash,
  assignmentTypedData,
  commitmentOf,
  type DuckMeshError,
  type ErrorCode,
  hashCanonical,
  type Order,
  parseDuck,
  type RunWork,
  seatCommitTypedData,
} from '@duckmesh/protocol'
import { concat, type Hex, zeroAddress, zeroHash } from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { type Container, createContainer } from '../src/container.ts'
import { check } from '../src/loop/check.ts'
import type { LoopContext } from '../src/loop/context.ts'
import { identify, pinnedCoordinator } from '../src/loop/identify.ts'
import { verifyAnchor } from '../src/loop/open.ts'
import { pinDeployment } from '../src/loop/pinDeployment.ts'
import { register } from '../src/loop/register.ts'
import { seatJob } from '../src/loop/seatJob.ts'
import type { Row } from '../src/ports/journal.ts'
import { orderFor, request, signOrder } from './orders.ts'
import { startWorld, type TestWorld } from './testWorld.ts'

const strangerKey = privateKeyToAccount(devPrivateKey(1))
const hash = (byte: string): Hex => `0x${byte.repeat(32)}`
const isCode = (code: ErrorCode) => (error: DuckMeshError) => {
  assert.equal(error.code, code, error.message)
  return true
}

describe('what a node refuses', () => {
  let world: TestWorld
  let context: LoopContext
  let coordinator: PrivateKeyAccount
  const containers: Container[] = []
  const rivals: PrivateKeyAccount[] = []
  const rivalIds: number[] = []

  before(async () => {
    world = await startWorld()
    coordinator = privateKeyToAccount(devPrivateKey(3))
    const container = await createContainer(world.config(0), { executor: world.executor })
    containers.push(container)
    await world.mesh.fund(container.chain.owner, parseDuck('500'))
    const providerId = await register(container, '')
    for (const index of [16, 17]) {
      const rival = privateKeyToAccount(devPrivateKey(index))
      await world.mesh.fundDeposit(rival, parseDuck('200'))
      await world.mesh.send(rival, 'registerProvider', [rival.address, zeroHash, '', parseDuck('200')])
      rivals.push(rival)
      rivalIds.push(await world.mesh.providerIdByKey(rival.address))
    }
    context = {
      ...container,
      providerId,
      startedAtMs: Date.now(),
      signal: new AbortController().signal,
      coordinatorAddress: () => coordinator.address,
    }
  })
  after(async () => {
    for (const container of containers) await container.close()
    await world.stop()
  })

  const seats = () => [context.providerId, ...rivalIds]

  /** Work that is right in every way but `fields` of the order and `changes` of the assignment. */
  async function workWith(
    fields: Partial<Order> = {},
    changes: Partial<Assignment> = {},
    by: { buyer?: PrivateKeyAccount; coordinator?: PrivateKeyAccount } = {},
  ): Promise<RunWork> {
    const { buyer, executor, mesh } = world
    const order = orderFor(executor, buyer, { coordinator: coordinator.address, ...fields })
    const { jobId, orderSignature } = await signOrder(mesh.domain, order, by.buyer ?? buyer)
    const issuedAt = Math.floor(Date.now() / 1_000)
    const drawn = { seed: hash('01'), candidatesHash: hash('02'), issuedAt }
    const assignment = { jobId, round: 0, seats: seats(), ...drawn, ...changes }
    const signer = by.coordinator ?? coordinator
    const assignmentSignature = await signer.signTypedData(assignmentTypedData(mesh.domain, assignment))
    return { type: 'run', jobId, order, orderSignature, request, assignment, assignmentSignature }
  }

  test('takes work that is right', async () => {
    const work = await workWith()
    const checked = await check(work, context)
    assert.equal(checked.deadline, work.order.acceptBy)
    assert.equal(checked.executor, world.executor)
  })

  const soon = () => Math.floor(Date.now() / 1_000)
  for (const [title, code, make] of [
    [
      'a job id that is not the digest',
      'BAD_REQUEST',
      async () => ({ ...(await workWith()), jobId: hash('03') }),
    ],
    ['another mode', 'UNSUPPORTED_MODE', () => workWith({ mode: 2 })],
    ['another coordinator', 'WRONG_COORDINATOR', () => workWith({ coordinator: strangerKey.address })],
    ['no coordinator', 'WRONG_COORDINATOR', () => workWith({ coordinator: zeroAddress })],
    [
      'an order that its requester did not sign',
      'BAD_SIGNATURE',
      () => workWith({}, {}, { buyer: strangerKey }),
    ],
    ['an assignment that is forged', 'BAD_SIGNATURE', () => workWith({}, {}, { coordinator: strangerKey })],
    ['an assignment of another job', 'BAD_REQUEST', () => workWith({}, { jobId: hash('04') })],
    ['a round that does not exist', 'BAD_REQUEST', () => workWith({}, { round: 3 })],
    ['a seat of somebody else', 'NOT_A_SEAT', () => workWith({}, { seats: [50, 51, 52] })],
    [
      'an even number of seats',
      'ORDER_OUT_OF_BOUNDS',
      () => workWith({ seats: 4 }, { seats: [...seats(), 9] }),
    ],
    ['a single seat', 'ORDER_OUT_OF_BOUNDS', () => workWith({ seats: 1 }, { seats: seats().slice(0, 1) })],
    ['fewer seats than ordered', 'ORDER_OUT_OF_BOUNDS', () => workWith({ seats: 5 })],
    ['a seat that is given twice', 'ORDER_OUT_OF_BOUNDS', () => workWith({}, { seats: [seats()[0]!, 7, 7] })],
    [
      'another request',
      'INPUT_MISMATCH',
      async () => ({ ...(await workWith()), request: { ...request, seed: 9 } }),
    ],
    ['another profile', 'UNKNOWN_MODEL', () => workWith({ policy: hash('05') })],
    ['another model under a known profile', 'UNKNOWN_MODEL', () => workWith({ modelId: hash('06') })],
    ['another kind of job', 'ORDER_OUT_OF_BOUNDS', () => workWith({ kind: 1 })],
    ['a price below its own', 'ORDER_OUT_OF_BOUNDS', () => workWith({ priceWei: parseDuck('1.49') })],
    ['a window too short to rescue', 'ORDER_OUT_OF_BOUNDS', () => workWith({ execWindow: 4 })],
    ['an order about to expire', 'ORDER_EXPIRED', () => workWith({ acceptBy: soon() + 1 })],
    ['a bond above its free stake', 'INSUFFICIENT_FUNDS', () => workWith({ bondWei: parseDuck('200.1') })],
    [
      'a price that the buyer cannot pay',
      'INSUFFICIENT_FUNDS',
      () => workWith({ priceWei: parseDuck('1001') }),
    ],
    ['a second round that the chain does not wait for', 'WRONG_STAGE', () => workWith({}, { round: 1 })],
  ] as [string, ErrorCode, () => Promise<RunWork>][]) {
    test(`refuses ${title} with ${code}`, async () => {
      await assert.rejects(check(await make(), context), isCode(code))
    })
  }

  test('work of an earlier process is not declined before the coordinator has said who it is', async () => {
    const work = await workWith()
    const stopping = new AbortController()
    let asked = 0
    const starting: LoopContext = {
      ...context,
      signal: stopping.signal,
      clock: { nowMs: () => Date.now(), sleep: () => Promise.resolve() },
      coordinatorAddress: () => (++asked > 4 ? coordinator.address : undefined),
      observe: (stage) => (stage === 'work-received' ? stopping.abort() : undefined),
    }
    await seatJob(work, starting)
    assert.equal(context.journal.find(work.jobId, 0)?.state, 'received')
    assert.equal(world.coordinator.of('decline', work.jobId).length, 0)
    context.journal.abandon(work.jobId, 0, 'CANCELLED')
  })

  test('counts the bonds of work that it has taken: the same stake is not promised twice', async () => {
    const [first, second] = [
      await workWith({ bondWei: parseDuck('150') }),
      await workWith({ bondWei: parseDuck('60') }),
    ]
    const { jobId, order, orderSignature, assignment } = first
    const lane = { lane: 'redundant', assignment: null, seenBlock: 0n, receivedAtMs: 1 } as const
    context.journal.receive({ jobId, round: assignment.round, order, orderSignature, request, ...lane })
    await assert.rejects(check(second, context), isCode('INSUFFICIENT_FUNDS'))
    await check(first, context)
    context.journal.abandon(jobId, assignment.round, 'CANCELLED')
    await check(second, context)
  })

  test('refuses a nonce that is used', async () => {
    const work = await workWith()
    const { nonce } = work.order
    await world.mesh.send(world.buyer, 'invalidateNonces', [nonce >> 8n, 1n << (nonce & 0xffn)])
    await assert.rejects(check(work, context), isCode('NONCE_USED'))
  })

  /** A promised row whose seats are anchored on chain with `own` as this node's commitment. */
  async function anchored(own: 'promised' | 'other') {
    const work = await workWith()
    const { jobId, order, assignment } = work
    const outputHash = hashCanonical({ answer: 1 })
    const salt = hash('07')
    const commitments = [context.providerId, ...rivalIds].map((providerId, index) =>
      index === 0 && own === 'other'
        ? hash('08')
        : commitmentOf({ jobId, round: 0, providerId, outputHash, salt }),
    )
    const signers = [privateKeyToAccount(devPrivateKey(5)), ...rivals]
    const signatures = await Promise.all(
      signers.map((signer, index) => {
        const providerId = seats()[index]!
        const commit = {
          assignmentHash: assignmentHash(assignment),
          providerId,
          commitment: commitments[index]!,
        }
        return signer.signTypedData(seatCommitTypedData(world.mesh.domain, commit))
      }),
    )
    const result = { text: 'x', tokens: [1], finishReason: 'length' as const }
    const commitment = commitmentOf({ jobId, round: 0, providerId: context.providerId, outputHash, salt })
    const seat = { salt, commitment }
    const row = {
      ...work,
      round: 0,
      lane: 'redundant',
      state: 'promised',
      seenBlock: 0n,
      promised: { result, outputHash, promptTokens: 1, startedAt: 1, finishedAt: 1, seat },
    } as unknown as Row
    const { orderSignature, assignmentSignature } = work
    const args = [order, orderSignature, assignment, assignmentSignature, commitments, concat(signatures)]
    return {
      row,
      told: { seats: seats(), commitments },
      anchor: () => world.mesh.send(world.buyer, 'anchorSeats', args),
    }
  }

  test('opens nothing before the chain shows the anchor, whatever it is told', async () => {
    const { row, told, anchor } = await anchored('promised')
    await assert.rejects(verifyAnchor(row, told, context), isCode('WRONG_STAGE'))
    await anchor()
    assert.deepEqual(await verifyAnchor(row, told, context), told)
    assert.deepEqual(await verifyAnchor(row, undefined, context), told, 'the events say the same')
    await assert.rejects(verifyAnchor({ ...row, round: 1 }, told, context), isCode('WRONG_STAGE'))
  })

  test('opens nothing when other seats or commitments are anchored than it is told', async () => {
    const { row, told, anchor } = await anchored('promised')
    await anchor()
    const swapped = { ...told, seats: [told.seats[0]!, told.seats[2]!, told.seats[1]!] }
    await assert.rejects(verifyAnchor(row, swapped, context), isCode('WRONG_STAGE'))
    const replaced = { ...told, commitments: [told.commitments[0]!, told.commitments[1]!, hash('09')] }
    await assert.rejects(verifyAnchor(row, replaced, context), isCode('WRONG_STAGE'))
  })

  test('opens nothing when its own commitment is not the anchored one', async () => {
    const { row, told, anchor } = await anchored('other')
    await anchor()
    await assert.rejects(verifyAnchor(row, told, context), isCode('NOT_A_SEAT'))
  })

  test('registers once, however often it starts, and refuses another signing key', async () => {
    const [container] = containers
    assert.equal(await register(container!, ''), context.providerId)
    const signer = privateKeyToAccount(devPrivateKey(15))
    await assert.rejects(register({ ...container!, signer }, ''), isCode('BAD_CONFIG'))
  })

  test('follows the coordinator of first sight alone', async () => {
    const [container] = containers
    assert.equal(pinnedCoordinator(container!), undefined)
    assert.equal(await identify(container!), world.coordinator.account.address)
    assert.equal(pinnedCoordinator(container!), world.coordinator.account.address)
    const info = {
      ...(await container!.coordinator.info()),
      address: privateKeyToAccount(devPrivateKey(14)).address,
    }
    const taken = { ...container!.coordinator, url: container!.coordinator.url, info: async () => info }
    await assert.rejects(identify({ ...container!, coordinator: taken }), isCode('WRONG_COORDINATOR'))
    const elsewhere = { ...taken, info: async () => ({ ...info, chainId: 1 }) }
    await assert.rejects(identify({ ...container!, coordinator: elsewhere }), isCode('WRONG_CHAIN'))
  })

  test('a data folder belongs to one deployment', () => {
    const [container] = containers
    pinDeployment(container!)
    pinDeployment(container!)
    const signer = privateKeyToAccount(devPrivateKey(15))
    assert.throws(() => pinDeployment({ ...container!, signer }), isCode('BAD_CONFIG'))
  })

  test('does not register without the DUCK for its stake', async () => {
    const container = await createContainer(world.config(3), { executor: world.executor })
    containers.push(container)
    await assert.rejects(register(container, ''), isCode('INSUFFICIENT_FUNDS'))
  })
})
