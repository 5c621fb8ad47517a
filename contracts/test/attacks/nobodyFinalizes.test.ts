import { expect } from 'chai'
import { expectConserved } from '../support/conservation.ts'
import { feeOf } from '../support/fees.ts'
import {
  ACCEPT_SECONDS,
  at,
  connect,
  DISPUTE_WINDOW,
  EXEC_WINDOW,
  loadWorld,
  PRICE_WEI,
  Status,
  time,
  type World,
} from '../support/mesh.ts'
import { commitSeat, HONEST, open, WRONG } from '../support/redundant.ts'
import { settle } from '../support/settling.ts'
import { accepted, post, submitted } from '../support/signedLane.ts'
import { anchored, disputedJob, drawn, judge, passReveal } from './scenario.ts'

/** Lets every deadline of every open job pass. */
async function passAll(): Promise<void> {
  await time.increase(ACCEPT_SECONDS + DISPUTE_WINDOW + 10 * EXEC_WINDOW)
}

/** The stranger holds no role in any job: not requester, provider, coordinator, challenger or treasury. */
function asStranger(world: World) {
  return connect(world.mesh, world.stranger)
}

describe('Attack: nobody finalizes', () => {
  it('an open job is refunded by a stranger', async () => {
    const world = await loadWorld()
    const order = await post(world)
    await passAll()
    await asStranger(world).expireJob(order)
    await expectConserved(world)
  })

  it('an accepted job is failed by a stranger', async () => {
    const world = await loadWorld()
    const order = await accepted(world)
    await passAll()
    await asStranger(world).expireJob(order)
    await expectConserved(world)
  })

  it('a submitted job is paid by a stranger', async () => {
    const world = await loadWorld()
    const { order } = await submitted(world)
    await passAll()
    await asStranger(world).finalizeJob(order)
    await expectConserved(world)
  })

  it('a dispute that nobody seats is ended by a stranger', async () => {
    const { world, order } = await disputedJob(WRONG)
    await passAll()
    await asStranger(world).expireJob(order)
    await expectConserved(world)
  })

  it('a dispute whose judges fall silent is ended by a stranger', async () => {
    const { world, order } = await disputedJob(WRONG)
    const round = await judge(world, order, [HONEST, HONEST, HONEST])
    await passAll()
    await open(world, round, [])
    await expectConserved(world)
  })

  it('a round that one seat began is sealed, settled and refunded by a stranger', async () => {
    const { world, mesh, order, round, jobId } = await drawn()
    await commitSeat(world, round, 1)
    await passAll()
    await asStranger(world).sealSeats(order, round.assignment)
    const zero = `0x${'00'.repeat(32)}`
    const sealed = { ...round, commitments: [zero, round.commitments[1] ?? '', zero] }
    await passAll()
    await open(world, sealed, [])
    await passAll()
    await asStranger(world).expireJob(order)
    expect((await mesh.jobOf(jobId)).status).to.equal(Status.refunded)
    await expectConserved(world)
  })

  it('an anchored round is settled by a stranger with whatever was opened', async () => {
    const { world, mesh, round, jobId } = await anchored()
    await passReveal()
    await open(world, round, [0, 2])
    expect((await mesh.jobOf(jobId)).status).to.equal(Status.paid)
    await expectConserved(world)
  })

  it('a round that is never seated again is refunded by a stranger', async () => {
    const { world, order, round } = await anchored()
    await passReveal()
    await open(world, round, [])
    await passAll()
    await asStranger(world).expireJob(order)
    await expectConserved(world)
  })

  it('a job that was taken over and left again is closed by a stranger', async () => {
    const world = await loadWorld()
    const order = await accepted(world)
    await at((await time.latest()) + EXEC_WINDOW + 1)
    await connect(world.mesh, world.provider(1).key).takeOverJob(order, 2)
    await passAll()
    await asStranger(world).expireJob(order)
    expect((await world.mesh.jobOf(world.jobIdOf(order))).status).to.equal(Status.failed)
    await expectConserved(world)
  })

  it('fees that nobody collects are moved by a stranger', async () => {
    const world = await loadWorld()
    await settle(world, await world.orderOf())
    await asStranger(world).collectFees([1])
    expect(await world.freeOf(world.treasury)).to.equal(feeOf(PRICE_WEI))
    await expectConserved(world)
  })
})
