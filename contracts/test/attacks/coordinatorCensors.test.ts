import { expect } from 'chai'
import { expectConserved } from '../support/conservation.ts'
import {
  at,
  BOND_WEI,
  connect,
  DEPOSIT_WEI,
  EXEC_WINDOW,
  ethers,
  loadWorld,
  PRICE_WEI,
  STAKE_WEI,
  Status,
  time,
} from '../support/mesh.ts'
import {
  anchor,
  commitSeat,
  open,
  openSeat,
  redundantOrder,
  roundOf,
  signAssignment,
} from '../support/redundant.ts'
import { AGREED, anchored, disputedJob, drawn, passReveal } from './scenario.ts'

describe('Attack: the coordinator censors', () => {
  it('by not anchoring: the seats anchor by themselves and are paid', async () => {
    const { world, mesh, round, jobId } = await drawn()
    for (const seat of [0, 1, 2]) await commitSeat(world, round, seat)
    await open(world, round)
    expect((await mesh.jobOf(jobId)).status).to.equal(Status.paid)
    await expectConserved(world)
  })

  it('by not opening: the seats open by themselves and anybody settles', async () => {
    const { world, mesh, round, jobId } = await anchored()
    for (const seat of [0, 1, 2]) await openSeat(world, round, seat)
    await open(world, round, [])
    expect((await mesh.jobOf(jobId)).status).to.equal(Status.paid)
    await expectConserved(world)
  })

  it('by leaving out one opening: it cannot settle before the reveal deadline, and the seat brings it until then', async () => {
    const { world, mesh, round } = await anchored()
    await expect(open(world, round, [0, 1])).to.be.revertedWithCustomError(mesh, 'TooEarly')
    await openSeat(world, round, 2)
    await open(world, round, [0, 1])
    expect((await mesh.providerOf(3)).stakedWei).to.equal(STAKE_WEI)
  })

  it('by not seating the job again: the price goes back', async () => {
    const { world, mesh, order, round } = await anchored()
    await passReveal()
    await open(world, round, [])
    await at((await time.latest()) + 2 * EXEC_WINDOW + 1)
    await mesh.expireJob(order)
    expect(await world.freeOf(world.requester)).to.equal(DEPOSIT_WEI + (3n * BOND_WEI) / 2n)
    await expectConserved(world)
  })

  it('by never seating at all: nothing was escrowed, and the order dies at acceptBy', async () => {
    const { world, mesh, order, round } = await drawn()
    expect(await world.freeOf(world.requester)).to.equal(DEPOSIT_WEI)
    await at(order.acceptBy + 1)
    await expect(anchor(world, round)).to.be.revertedWithCustomError(mesh, 'Expired').withArgs(order.acceptBy)
    await expectConserved(world)
  })

  it('by signing two assignments of one round: the first that binds a seat holds', async () => {
    const { world, mesh, order, round, jobId } = await drawn()
    await commitSeat(world, round, 0)
    const second = roundOf(world, order, AGREED, { ids: [4, 5, 6] })
    await expect(anchor(world, second))
      .to.be.revertedWithCustomError(mesh, 'AssignmentMismatch')
      .withArgs(jobId)
    const reseeded = { ...round, assignment: { ...round.assignment, seed: ethers.id('another seed') } }
    await expect(commitSeat(world, reseeded, 1))
      .to.be.revertedWithCustomError(mesh, 'AssignmentMismatch')
      .withArgs(jobId)
  })

  it('by ignoring a dispute: the provider is paid and the challenger made whole', async () => {
    const { world, mesh, order } = await disputedJob(ethers.id('anything'))
    await at((await time.latest()) + 2 * EXEC_WINDOW + 1)
    await mesh.expireJob(order)
    expect(await world.freeOf(world.challenger)).to.equal(DEPOSIT_WEI)
    expect((await mesh.providerOf(1)).stakedWei).to.equal(STAKE_WEI)
    await expectConserved(world)
  })

  it('by seating for an order that names another coordinator is refused', async () => {
    const world = await loadWorld()
    const round = roundOf(world, await redundantOrder(world), AGREED)
    const signature = await signAssignment(world, round.assignment, world.challenger)
    await expect(
      world.mesh.anchorSeats(
        round.order,
        await world.signOrder(round.order),
        round.assignment,
        signature,
        round.commitments,
        '0x',
      ),
    )
      .to.be.revertedWithCustomError(world.mesh, 'BadSignature')
      .withArgs(world.coordinator.address)
  })

  it('nobody needs it in the on-chain lane: an order without coordinator is paid', async () => {
    const world = await loadWorld()
    const { mesh, requester } = world
    const order = await world.orderOf({ coordinator: ethers.ZeroAddress })
    await connect(mesh, requester).postJob(order)
    await connect(mesh, world.provider(0).key).acceptJob(order, 1)
    await connect(mesh, world.provider(0).key).submitResult(world.jobIdOf(order), ethers.id('done'))
    await at((await time.latest()) + order.disputeWindow + 1)
    await mesh.finalizeJob(order)
    expect(await world.freeOf(requester)).to.equal(DEPOSIT_WEI - PRICE_WEI)
  })
})
