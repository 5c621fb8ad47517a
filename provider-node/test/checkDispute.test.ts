import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { devPrivateKey } from '@duckmesh/local-chain'
import {
  type Assignment,
  assignmentTypedData,
  type DuckMeshError,
  type ErrorCode,
  hashCanonical,
  type Order,
  parseDuck,
  type RunWork,
  seatBy,
  verificationModes,
} from '@duckmesh/protocol'
import { zeroHash } from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { type Container, createContainer } from '../src/container.ts'
import { check } from '../src/loop/check.ts'
import type { LoopContext } from '../src/loop/context.ts'
import { register } from '../src/loop/register.ts'

import { orderFor, request, signOrder } from './orders.ts'
import { startWorld, type TestWorld } from './testWorld.ts'

const stranger = privateKeyToAccount(devPrivateKey(1))
const coordinator = privateKeyToAccount(devPrivateKey(3))
/** Owner and signing key of the provider whose results are disputed. */
const accused = privateKeyToAccount(devPrivateKey(16))
const claimed = hashCanonical('better')

describe('what a node checks before it judges a disputed result', () => {
  let world: TestWorld
  let container: Container
  let context: LoopContext
  let accusedId: number

  before(async () => {
    world = await startWorld()
    const { mesh } = world
    container = await createContainer(world.config(0), { executor: world.executor })
    await mesh.fund(container.chain.owner, parseDuck('500'))
    const providerId = await register(container, '')
    await mesh.fundDeposit(accused, parseDuck('200'))
    await mesh.send(accused, 'registerProvider', [accused.address, zeroHash, '', parseDuck('200')])
    accusedId = await mesh.providerIdByKey(accused.address)
    context = {
      ...container,
      providerId,
      startedAtMs: Date.now(),
      signal: new AbortController().signal,
      coordinatorAddress: () => coordinator.address,
    }
  })
  after(async () => {
    await container.close()
    await world.stop()
  })

  /** Work of a re-execution that is right in every way but `fields` of the order and `changes` of the assignment. */
  async function workWith(
    fields: Partial<Order> = {},
    changes: Partial<Assignment> = {},
    { isDisputed = true, by = coordinator }: { isDisputed?: boolean; by?: PrivateKeyAccount } = {},
  ): Promise<RunWork> {
    const { buyer, executor, mesh } = world
    const lane = { mode: verificationModes.signed, seats: 1, providerId: accusedId, disputeWindow: 60 }
    const bondWei = parseDuck('12')
    const order = orderFor(executor, buyer, { coordinator: coordinator.address, ...lane, bondWei, ...fields })
    const { jobId } = await signOrder(mesh.domain, order, buyer)
    if (order.mode === verificationModes.signed) {
      await mesh.send(buyer, 'postJob', [order])
      await mesh.send(accused, 'acceptJob', [order, accusedId])
      await mesh.send(accused, 'submitResult', [jobId, hashCanonical('wrong')])
      if (isDisputed) await mesh.send(buyer, 'disputeJob', [order, claimed])
    }
    const seats = [context.providerId, 50, 51]
    const drawn = { seed: zeroHash, candidatesHash: zeroHash, issuedAt: Math.floor(Date.now() / 1_000) }
    const assignment = { jobId, round: 2, seats, ...drawn, ...changes }
    const assignmentSignature = await by.signTypedData(assignmentTypedData(mesh.domain, assignment))
    return { type: 'run', jobId, order, orderSignature: '0x', request, assignment, assignmentSignature }
  }

  test('takes it without a signature of the order, which is on chain, up to two windows after the dispute', async () => {
    const work = await workWith()
    const { at } = await context.chain.job(work.jobId)
    const { deadline, executor } = await check(work, context)
    assert.equal(deadline, seatBy(work.order, 2, at))
    assert.equal(executor, world.executor)
  })

  for (const [title, code, make] of [
    ['a result that nobody disputes', 'WRONG_STAGE', () => workWith({}, {}, { isDisputed: false })],
    [
      'the accused among the seats',
      'NOT_A_SEAT',
      () => workWith({}, { seats: [context.providerId, accusedId, 50] }),
    ],
    ['a seat of somebody else', 'NOT_A_SEAT', () => workWith({}, { seats: [50, 51, 52] })],
    [
      'five seats',
      'ORDER_OUT_OF_BOUNDS',
      () => workWith({}, { seats: [context.providerId, 50, 51, 52, 53] }),
    ],
    [
      'one seat, as the order says',
      'ORDER_OUT_OF_BOUNDS',
      () => workWith({}, { seats: [context.providerId] }),
    ],
    [
      'a bond that pays less than its price',
      'ORDER_OUT_OF_BOUNDS',
      () => workWith({ bondWei: parseDuck('2.9') }),
    ],
    ['a forged assignment', 'BAD_SIGNATURE', () => workWith({}, {}, { by: stranger })],
    ['a redundant order, which has no dispute', 'UNSUPPORTED_MODE', () => workWith({ mode: 1, seats: 3 })],
    ['the first round of an on-chain order', 'UNSUPPORTED_MODE', () => workWith({}, { round: 0 })],
    ['a round that does not exist', 'BAD_REQUEST', () => workWith({}, { round: 3 })],
    [
      'another request',
      'INPUT_MISMATCH',
      async () => ({ ...(await workWith()), request: { ...request, seed: 9 } }),
    ],
  ] as [string, ErrorCode, () => Promise<RunWork>][]) {
    test(`refuses ${title} with ${code}`, async () => {
      await assert.rejects(check(await make(), context), (error: DuckMeshError) => {
        assert.equal(error.code, code, error.message)
        return true
      })
    })
  }

  test('takes a bond that pays exactly its price', async () => {
    await check(await workWith({ bondWei: parseDuck('3') }), context)
  })

  test('refuses a dispute that can no longer be seated with ORDER_EXPIRED', async () => {
    const work = await workWith({ execWindow: 30 })
    await world.chain.passSeconds(61)
    await assert.rejects(check(work, context), { code: 'ORDER_EXPIRED' })
  })
})
