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
  Status,
  time,
  ZERO_HASH,
} from '../support/mesh.ts'
import {
  anchor,
  anchorArguments,
  HONEST,
  open,
  redundantOrder,
  roundOf,
  WRONG,
} from '../support/redundant.ts'

const SPLIT = [HONEST, WRONG, ethers.id('third output')]

/** A job whose first round found no majority. */
async function reseating() {
  const world = await loadWorld()
  const order = await redundantOrder(world)
  const first = roundOf(world, order, SPLIT)
  await anchor(world, first)
  await open(world, first)
  const startedAt = await time.latest()
  return {
    world,
    mesh: world.mesh,
    order,
    first,
    jobId: first.jobId,
    startedAt,
    seatBy: startedAt + 2 * EXEC_WINDOW,
  }
}

describe('A round without majority', () => {
  it('frees opened seats unpaid and lets the coordinator seat the job once more', async () => {
    const world = await loadWorld()
    const { mesh } = world
    const first = roundOf(world, await redundantOrder(world), SPLIT)
    await anchor(world, first)
    const now = (await time.latest()) + 9
    await at(now)
    await expect(open(world, first))
      .to.emit(mesh, 'RedundantClosed')
      .withArgs(first.jobId, 0, ZERO_HASH, 0)
      .and.to.emit(mesh, 'JobReseating')
      .withArgs(first.jobId, now + 2 * EXEC_WINDOW)
    const job = await mesh.jobOf(first.jobId)
    expect([job.status, job.round, job.tag]).to.deep.equal([Status.reseating, 1n, 0n])
    await expectConserved(world, { escrowWei: PRICE_WEI })
  })

  it('is paid by a second round that agrees, without a second escrow', async () => {
    const { world, mesh, order, jobId } = await reseating()
    const second = roundOf(world, order, [HONEST, HONEST, HONEST], { round: 1, ids: [4, 5, 1] })
    await anchor(world, second)
    await expectConserved(world, { escrowWei: PRICE_WEI, lockedWei: 3n * BOND_WEI })
    await expect(open(world, second)).to.emit(mesh, 'RedundantClosed').withArgs(jobId, 1, HONEST, 0b111)
    expect((await mesh.jobOf(jobId)).status).to.equal(Status.paid)
    await expectConserved(world)
  })

  it('is refunded when the second round does not agree either', async () => {
    const { world, mesh, order, jobId } = await reseating()
    const second = roundOf(world, order, SPLIT, { round: 1, ids: [4, 5, 6] })
    await anchor(world, second)
    await expect(open(world, second)).to.emit(mesh, 'JobRefunded').withArgs(jobId, PRICE_WEI)
    expect((await mesh.jobOf(jobId)).status).to.equal(Status.refunded)
    expect(await world.freeOf(world.requester)).to.equal(DEPOSIT_WEI)
    await expectConserved(world)
  })

  it('can be seated again up to the reseating deadline, to the second', async () => {
    const { world, order, seatBy } = await reseating()
    const args = await anchorArguments(world, roundOf(world, order, SPLIT, { round: 1, ids: [4, 5, 6] }))
    await at(seatBy)
    await world.mesh.anchorSeats(...args)

    const late = await reseating()
    const lateRound = roundOf(late.world, late.order, SPLIT, { round: 1, ids: [4, 5, 6] })
    const lateArgs = await anchorArguments(late.world, lateRound)
    await at(late.seatBy + 1)
    await expect(late.mesh.anchorSeats(...lateArgs))
      .to.be.revertedWithCustomError(late.mesh, 'Expired')
      .withArgs(late.seatBy)
  })

  it('expires into a refund when nobody seats it again, not before the deadline passed', async () => {
    const { world, mesh, order, jobId, seatBy } = await reseating()
    await at(seatBy)
    await expect(mesh.expireJob(order)).to.be.revertedWithCustomError(mesh, 'TooEarly').withArgs(seatBy)
    await at(seatBy + 1)
    await expect(connect(mesh, world.stranger).expireJob(order))
      .to.emit(mesh, 'JobExpired')
      .withArgs(jobId, PRICE_WEI)
    expect(await world.freeOf(world.requester)).to.equal(DEPOSIT_WEI)
    await expectConserved(world)
  })

  it('takes no assignment, commitment or opening of the first round', async () => {
    const { world, mesh, order, first } = await reseating()
    await expect(anchor(world, first)).to.be.revertedWithCustomError(mesh, 'WrongRound').withArgs(0, 1)
    await expect(open(world, first)).to.be.revertedWithCustomError(mesh, 'BadState')
    const second = roundOf(world, order, [HONEST, HONEST, HONEST], { round: 1 })
    await anchor(world, second)
    const oldSalts = { ...second, salts: first.salts }
    await expect(open(world, oldSalts)).to.be.revertedWithCustomError(mesh, 'BadOpening').withArgs(1)
  })
})
