import { expect } from 'chai'
import { expectConserved } from '../support/conservation.ts'
import {
  at,
  BOND_WEI,
  DEPOSIT_WEI,
  EXEC_WINDOW,
  loadWorld,
  PRICE_WEI,
  STAKE_WEI,
  Status,
  time,
} from '../support/mesh.ts'
import { accepted, post, submitted } from '../support/signedLane.ts'

describe('Expiring a job', () => {
  it('refunds an open job after acceptBy, not at it', async () => {
    const world = await loadWorld()
    const { mesh, requester } = world
    const order = await post(world)
    const jobId = world.jobIdOf(order)
    await at(order.acceptBy)
    await expect(mesh.expireJob(order))
      .to.be.revertedWithCustomError(mesh, 'TooEarly')
      .withArgs(order.acceptBy)
    await at(order.acceptBy + 1)
    await expect(mesh.expireJob(order)).to.emit(mesh, 'JobExpired').withArgs(jobId, PRICE_WEI)
    expect((await mesh.jobOf(jobId)).status).to.equal(Status.refunded)
    expect(await world.freeOf(requester)).to.equal(DEPOSIT_WEI)
    await expectConserved(world)
  })

  it('fails a late provider: price back, half of the bond burned, half to the requester', async () => {
    const world = await loadWorld()
    const { mesh, requester } = world
    const order = await accepted(world)
    const jobId = world.jobIdOf(order)
    const dueAt = (await time.latest()) + EXEC_WINDOW
    await at(dueAt)
    await expect(mesh.expireJob(order)).to.be.revertedWithCustomError(mesh, 'TooEarly').withArgs(dueAt)
    await at(dueAt + 1)
    await expect(mesh.expireJob(order))
      .to.emit(mesh, 'ProviderSlashed')
      .withArgs(1, jobId, 4, BOND_WEI / 2n, 0, BOND_WEI / 2n)
      .and.to.emit(mesh, 'JobExpired')
      .withArgs(jobId, PRICE_WEI)
    const job = await mesh.jobOf(jobId)
    expect([job.status, job.providerId]).to.deep.equal([Status.failed, 1n])
    expect(await world.freeOf(requester)).to.equal(DEPOSIT_WEI + BOND_WEI / 2n)
    const { stakedWei, lockedWei } = await mesh.providerOf(1)
    expect([stakedWei, lockedWei]).to.deep.equal([STAKE_WEI - BOND_WEI, 0n])
    await expectConserved(world)
  })

  it('burns the odd wei of a bond', async () => {
    const world = await loadWorld()
    const order = await accepted(world, { bondWei: 1n })
    await time.increase(EXEC_WINDOW + 1)
    await expect(world.mesh.expireJob(order))
      .to.emit(world.mesh, 'ProviderSlashed')
      .withArgs(1, world.jobIdOf(order), 4, 0, 0, 1)
    await expectConserved(world)
  })

  it('means nothing for unknown, submitted and closed jobs', async () => {
    const world = await loadWorld()
    const { mesh } = world
    const unknown = await world.orderOf()
    const { order } = await submitted(world)
    const closed = await post(world)
    await at(closed.acceptBy + 1)
    await mesh.expireJob(closed)
    for (const [which, status] of [
      [unknown, Status.none],
      [order, Status.submitted],
      [closed, Status.refunded],
    ] as const) {
      await expect(mesh.expireJob(which))
        .to.be.revertedWithCustomError(mesh, 'BadState')
        .withArgs(world.jobIdOf(which), status)
    }
  })
})
