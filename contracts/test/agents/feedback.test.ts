import { expect } from 'chai'
import { type AgentWorld, linkedAgent, loadAgentWorld } from '../support/agents.ts'
import { judgedJob, lateJob, paidJob } from '../support/closedJobs.ts'
import { at, connect, Status, time } from '../support/mesh.ts'
import { HONEST } from '../support/redundant.ts'
import { settle } from '../support/settling.ts'
import { post, submitted } from '../support/signedLane.ts'
import type { Order } from '../support/typedData.ts'

const WEEK = 7 * 86_400

/** The epoch in which a job was closed. */
async function epochOf(world: AgentWorld, order: Order): Promise<number> {
  const job = await world.mesh.jobOf(world.jobIdOf(order))
  return Math.floor(Number(job.getValue('at')) / WEEK)
}

const lastSecondOf = (epoch: number) => (epoch + 2) * WEEK - 1

/** A world at the start of a week, so that jobs which take minutes are of one epoch. */
async function atStartOfWeek(): Promise<AgentWorld> {
  const world = await loadAgentWorld()
  await time.increaseTo((Math.floor((await time.latest()) / WEEK) + 1) * WEEK)
  return world
}

/** Counts the jobs and lets the time for counting pass. */
async function counted(world: AgentWorld, orders: Order[]): Promise<number> {
  for (const order of orders) await connect(world.feedback, world.stranger).countJob(order)
  const [first] = orders
  if (!first) throw new Error('No job')
  const epoch = await epochOf(world, first)
  await time.increaseTo(lastSecondOf(epoch) + 1)
  return epoch
}

describe('Counting a job', () => {
  it('puts a paid job into the week in which it was closed', async () => {
    const world = await atStartOfWeek()
    const order = await paidJob(world)
    const epoch = await epochOf(world, order)
    await expect(connect(world.feedback, world.stranger).countJob(order))
      .to.emit(world.feedback, 'JobCounted')
      .withArgs(world.jobIdOf(order), 1, epoch, true)
    expect(await world.feedback.tallyOf(1, epoch)).to.deep.equal([1n, 0n, 1n, false])
    expect(await world.feedback.isCounted(world.jobIdOf(order))).to.equal(true)
  })

  it('counts a late job and a lost dispute as failed', async () => {
    const world = await atStartOfWeek()
    const [late, lost] = [await lateJob(world), await judgedJob(world)]
    const epoch = await epochOf(world, late)
    await expect(world.feedback.countJob(late))
      .to.emit(world.feedback, 'JobCounted')
      .withArgs(world.jobIdOf(late), 1, epoch, false)
    await world.feedback.countJob(lost)
    expect(await world.feedback.tallyOf(1, epoch)).to.deep.equal([0n, 2n, 1n, false])
  })

  it('counts a won dispute as paid', async () => {
    const world = await atStartOfWeek()
    const order = await judgedJob(world, HONEST, HONEST)
    await world.feedback.countJob(order)
    expect(await world.feedback.tallyOf(1, await epochOf(world, order))).to.deep.equal([1n, 0n, 1n, false])
  })

  it('counts distinct requesters', async () => {
    const world = await atStartOfWeek()
    const orders = [await paidJob(world), await paidJob(world)]
    const { challenger, mesh } = world
    const third = await world.orderOf({ requester: challenger.address })
    await connect(mesh, challenger).postJob(third)
    await connect(mesh, world.provider(0).key).acceptJob(third, 1)
    await time.increase(third.execWindow + 1)
    await mesh.expireJob(third)
    for (const order of [...orders, third]) await world.feedback.countJob(order)
    expect(await world.feedback.tallyOf(1, await epochOf(world, third))).to.deep.equal([2n, 1n, 2n, false])
  })

  it('counts a job once', async () => {
    const world = await atStartOfWeek()
    const order = await paidJob(world)
    await world.feedback.countJob(order)
    await expect(world.feedback.countJob(order))
      .to.be.revertedWithCustomError(world.feedback, 'AlreadyCounted')
      .withArgs(world.jobIdOf(order))
  })

  it('believes no order that the mesh does not know', async () => {
    const world = await atStartOfWeek()
    const order = { ...(await paidJob(world)), requester: world.stranger.address }
    await expect(world.feedback.countJob(order))
      .to.be.revertedWithCustomError(world.feedback, 'NoVerdict')
      .withArgs(world.jobIdOf(order), Status.none)
  })

  it('counts no job that runs', async () => {
    const world = await atStartOfWeek()
    const { order } = await submitted(world)
    await expect(world.feedback.countJob(order))
      .to.be.revertedWithCustomError(world.feedback, 'NoVerdict')
      .withArgs(world.jobIdOf(order), Status.submitted)
  })

  it('counts no job that ended without a provider', async () => {
    const world = await atStartOfWeek()
    const order = await post(world)
    await connect(world.mesh, world.requester).cancelJob(order)
    await expect(world.feedback.countJob(order))
      .to.be.revertedWithCustomError(world.feedback, 'NoVerdict')
      .withArgs(world.jobIdOf(order), Status.refunded)
  })

  it('counts no settled order, of which the mesh keeps no word', async () => {
    const world = await atStartOfWeek()
    const order = await world.orderOf()
    await settle(world, order)
    await expect(world.feedback.countJob(order))
      .to.be.revertedWithCustomError(world.feedback, 'NoVerdict')
      .withArgs(world.jobIdOf(order), Status.none)
  })

  it('is possible until the end of the next week, to the second', async () => {
    const world = await atStartOfWeek()
    const [first, second] = [await paidJob(world), await paidJob(world)]
    const epoch = await epochOf(world, first)
    expect(await world.feedback.countUntilOf(epoch)).to.equal(lastSecondOf(epoch))
    await at(lastSecondOf(epoch))
    await world.feedback.countJob(first)
    await at(lastSecondOf(epoch) + 1)
    await expect(world.feedback.countJob(second))
      .to.be.revertedWithCustomError(world.feedback, 'CountingClosed')
      .withArgs(epoch, lastSecondOf(epoch))
  })

  it('keeps weeks apart', async () => {
    const world = await atStartOfWeek()
    const first = await paidJob(world)
    await time.increase(WEEK)
    const second = await lateJob(world)
    await world.feedback.countJob(first)
    await world.feedback.countJob(second)
    const epoch = await epochOf(world, first)
    expect(await world.feedback.tallyOf(1, epoch)).to.deep.equal([1n, 0n, 1n, false])
    expect(await world.feedback.tallyOf(1, epoch + 1)).to.deep.equal([0n, 1n, 1n, false])
  })
})

describe('The weekly feedback', () => {
  it('says the share of paid jobs, in percent with two decimals', async () => {
    const world = await atStartOfWeek()
    const agentId = await linkedAgent(world)
    const epoch = await counted(world, [await paidJob(world), await lateJob(world), await paidJob(world)])
    const sent = connect(world.feedback, world.stranger).giveFeedback(1, epoch)
    await expect(sent).to.emit(world.feedback, 'FeedbackGiven').withArgs(1, epoch, agentId, 2, 1, 1, 6_666)
    const client = await world.feedback.getAddress()
    expect(await world.reputation.readFeedback(agentId, client, 1)).to.deep.equal([
      6_666n,
      2n,
      'successRate',
      'week',
      false,
    ])
    expect(await world.reputation.getSummary(agentId, [client], 'successRate', 'week')).to.deep.equal([
      1n,
      6_666n,
      2n,
    ])
  })

  const rates = {
    'nothing but paid jobs': [paidJob, 10_000n],
    'nothing but failed jobs': [lateJob, 0n],
  } as const
  for (const [what, [close, rate]] of Object.entries(rates)) {
    it(`is ${rate} for ${what}`, async () => {
      const world = await atStartOfWeek()
      const agentId = await linkedAgent(world)
      const epoch = await counted(world, [await close(world)])
      await world.feedback.giveFeedback(1, epoch)
      const [value] = await world.reputation.readFeedback(agentId, await world.feedback.getAddress(), 1)
      expect(value).to.equal(rate)
    })
  }

  it('is given once for a provider and week', async () => {
    const world = await atStartOfWeek()
    await linkedAgent(world)
    const epoch = await counted(world, [await paidJob(world)])
    await world.feedback.giveFeedback(1, epoch)
    await expect(world.feedback.giveFeedback(1, epoch))
      .to.be.revertedWithCustomError(world.feedback, 'AlreadyGiven')
      .withArgs(1, epoch)
  })

  it('waits until nothing more can be counted, to the second', async () => {
    const world = await atStartOfWeek()
    await linkedAgent(world)
    const order = await paidJob(world)
    await world.feedback.countJob(order)
    const epoch = await epochOf(world, order)
    await at(lastSecondOf(epoch))
    await expect(world.feedback.giveFeedback(1, epoch))
      .to.be.revertedWithCustomError(world.feedback, 'CountingOpen')
      .withArgs(epoch, lastSecondOf(epoch))
    await at(lastSecondOf(epoch) + 1)
    await world.feedback.giveFeedback(1, epoch)
  })

  it('says nothing of a week without jobs', async () => {
    const world = await atStartOfWeek()
    await linkedAgent(world)
    await expect(world.feedback.giveFeedback(1, 0))
      .to.be.revertedWithCustomError(world.feedback, 'NothingCounted')
      .withArgs(1, 0)
  })

  it('says nothing of a week that is thousands of years away', async () => {
    const world = await atStartOfWeek()
    const epoch = 2 ** 32 - 1
    await expect(world.feedback.giveFeedback(1, epoch))
      .to.be.revertedWithCustomError(world.feedback, 'CountingOpen')
      .withArgs(epoch, lastSecondOf(epoch))
  })

  it('needs a link, and can be given when there is one again', async () => {
    const world = await atStartOfWeek()
    const epoch = await counted(world, [await lateJob(world)])
    await expect(world.feedback.giveFeedback(1, epoch))
      .to.be.revertedWithCustomError(world.links, 'NotLinked')
      .withArgs(1)
    await linkedAgent(world)
    await expect(world.feedback.giveFeedback(1, epoch)).to.emit(world.feedback, 'FeedbackGiven')
  })

  it('is not given, and can still be given, when the owner made the adapter its operator', async () => {
    const world = await atStartOfWeek()
    const agentId = await linkedAgent(world)
    const epoch = await counted(world, [await lateJob(world)])
    const { owner } = world.provider(0)
    const adapter = await world.feedback.getAddress()
    await connect(world.identity, owner).setApprovalForAll(adapter, true)
    await expect(world.feedback.giveFeedback(1, epoch))
      .to.be.revertedWithCustomError(world.reputation, 'OwnAgent')
      .withArgs(agentId, adapter)
    await connect(world.identity, owner).setApprovalForAll(adapter, false)
    await expect(world.feedback.giveFeedback(1, epoch)).to.emit(world.reputation, 'NewFeedback')
  })

  it('numbers weeks since 1970', async () => {
    const world = await loadAgentWorld()
    expect(await world.feedback.epochOf(WEEK - 1)).to.equal(0n)
    expect(await world.feedback.epochOf(WEEK)).to.equal(1n)
  })
})
