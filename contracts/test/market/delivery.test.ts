import { expect } from 'chai'
import { expectConserved } from '../support/conservation.ts'
import { collectedWei, feeOf } from '../support/fees.ts'
import {
  at,
  BOND_WEI,
  connect,
  DEPOSIT_WEI,
  DISPUTE_WINDOW,
  EXEC_WINDOW,
  loadWorld,
  PRICE_WEI,
  STAKE_WEI,
  Status,
  time,
} from '../support/mesh.ts'
import { HONEST } from '../support/redundant.ts'
import { accepted, post, submitted } from '../support/signedLane.ts'

const FEE_WEI = feeOf(PRICE_WEI)

describe('Accepting a job', () => {
  it('locks the bond of the provider and fixes the due time', async () => {
    const world = await loadWorld()
    const { mesh } = world
    const order = await post(world)
    const jobId = world.jobIdOf(order)
    const now = (await time.latest()) + 5
    await at(now)
    await expect(connect(mesh, world.provider(1).owner).acceptJob(order, 2))
      .to.emit(mesh, 'JobAccepted')
      .withArgs(jobId, 2, now + EXEC_WINDOW)
    const job = await mesh.jobOf(jobId)
    // `job.at` would be the array method of the decoded tuple.
    expect([job.status, job.providerId, job.getValue('at')]).to.deep.equal([Status.active, 2n, BigInt(now)])
    expect((await mesh.providerOf(2)).lockedWei).to.equal(BOND_WEI)
    await expectConserved(world, { escrowWei: PRICE_WEI, lockedWei: BOND_WEI })
  })

  it('is possible up to acceptBy, to the second', async () => {
    const world = await loadWorld()
    const { mesh } = world
    const { key } = world.provider(0)
    const [first, second] = [await post(world), await post(world)]
    await at(first.acceptBy)
    await connect(mesh, key).acceptJob(first, 1)
    await at(second.acceptBy + 1)
    await expect(connect(mesh, key).acceptJob(second, 1))
      .to.be.revertedWithCustomError(mesh, 'Expired')
      .withArgs(second.acceptBy)
  })

  it('is for the named provider, if the order names one', async () => {
    const world = await loadWorld()
    const { mesh } = world
    const order = await post(world, { providerId: 2 })
    await expect(connect(mesh, world.provider(0).key).acceptJob(order, 1))
      .to.be.revertedWithCustomError(mesh, 'WrongProvider')
      .withArgs(1, 2)
    await connect(mesh, world.provider(1).key).acceptJob(order, 2)
  })

  it('is for owner and key of the provider only', async () => {
    const world = await loadWorld()
    const { mesh, stranger } = world
    const order = await post(world)
    await expect(connect(mesh, stranger).acceptJob(order, 1))
      .to.be.revertedWithCustomError(mesh, 'NotProvider')
      .withArgs(1, stranger.address)
  })

  it('happens once', async () => {
    const world = await loadWorld()
    const { mesh } = world
    const order = await accepted(world)
    await expect(connect(mesh, world.provider(1).key).acceptJob(order, 2))
      .to.be.revertedWithCustomError(mesh, 'BadState')
      .withArgs(world.jobIdOf(order), Status.active)
  })

  it('needs unlocked stake for the bond', async () => {
    const world = await loadWorld()
    const order = await post(world, { bondWei: STAKE_WEI + 1n })
    await expect(connect(world.mesh, world.provider(0).key).acceptJob(order, 1))
      .to.be.revertedWithCustomError(world.mesh, 'InsufficientStake')
      .withArgs(1, STAKE_WEI, STAKE_WEI + 1n)
  })

  it('refuses an order that differs from the posted one in any field', async () => {
    const world = await loadWorld()
    const order = await post(world)
    const changed = { ...order, bondWei: 0n }
    await expect(connect(world.mesh, world.provider(0).key).acceptJob(changed, 1))
      .to.be.revertedWithCustomError(world.mesh, 'BadState')
      .withArgs(world.jobIdOf(changed), Status.none)
  })
})

describe('Submitting a result', () => {
  it('records the output hash', async () => {
    const world = await loadWorld()
    const { mesh } = world
    const order = await accepted(world)
    const jobId = world.jobIdOf(order)
    await expect(connect(mesh, world.provider(0).owner).submitResult(world.jobIdOf(order), HONEST))
      .to.emit(mesh, 'JobCompleted')
      .withArgs(jobId, 1, HONEST)
    const job = await mesh.jobOf(jobId)
    expect([job.status, job.providerId]).to.deep.equal([Status.submitted, 1n])
    expect(job.tag).to.equal(BigInt(HONEST) >> 88n)
    await expectConserved(world, { escrowWei: PRICE_WEI, lockedWei: BOND_WEI })
  })

  it('is for the provider that accepted', async () => {
    const world = await loadWorld()
    const { mesh } = world
    const order = await accepted(world)
    const { key } = world.provider(1)
    await expect(connect(mesh, key).submitResult(world.jobIdOf(order), HONEST))
      .to.be.revertedWithCustomError(mesh, 'NotProvider')
      .withArgs(1, key.address)
  })

  it('is possible up to the due second', async () => {
    const world = await loadWorld()
    const { mesh } = world
    const { key } = world.provider(0)
    const first = await accepted(world)
    await at((await time.latest()) + EXEC_WINDOW)
    await connect(mesh, key).submitResult(world.jobIdOf(first), HONEST)
    const second = await accepted(world)
    const dueAt = (await time.latest()) + EXEC_WINDOW
    await at(dueAt + 1)
    await expect(connect(mesh, key).submitResult(world.jobIdOf(second), HONEST))
      .to.be.revertedWithCustomError(mesh, 'Expired')
      .withArgs(dueAt)
  })

  it('happens once', async () => {
    const world = await loadWorld()
    const { order } = await submitted(world)
    await expect(
      connect(world.mesh, world.provider(0).key).submitResult(world.jobIdOf(order), HONEST),
    ).to.be.revertedWithCustomError(world.mesh, 'BadState')
  })
})

describe('Finalizing a job', () => {
  it('pays the owner, keeps the fee back for the treasury, and frees the bond', async () => {
    const world = await loadWorld()
    const { mesh, stranger } = world
    const { owner } = world.provider(0)
    const { order, submittedAt } = await submitted(world)
    const jobId = world.jobIdOf(order)
    await at(submittedAt + DISPUTE_WINDOW + 1)
    await expect(connect(mesh, stranger).finalizeJob(order))
      .to.emit(mesh, 'JobFinalized')
      .withArgs(jobId, 1, PRICE_WEI, 0)
    const job = await mesh.jobOf(jobId)
    expect([job.status, job.providerId, job.tag]).to.deep.equal([Status.paid, 1n, BigInt(HONEST) >> 88n])
    expect(await world.freeOf(owner)).to.equal(DEPOSIT_WEI - STAKE_WEI + PRICE_WEI - FEE_WEI)
    expect(await mesh.feeDueOf(owner.address)).to.equal(FEE_WEI)
    await expectConserved(world)
    expect(await collectedWei(world)).to.equal(FEE_WEI)
  })

  it('waits for the last second of the dispute window to pass', async () => {
    const world = await loadWorld()
    const { order, submittedAt } = await submitted(world)
    await at(submittedAt + DISPUTE_WINDOW)
    await expect(world.mesh.finalizeJob(order))
      .to.be.revertedWithCustomError(world.mesh, 'TooEarly')
      .withArgs(submittedAt + DISPUTE_WINDOW)
  })

  it('pays once', async () => {
    const world = await loadWorld()
    const { order, submittedAt } = await submitted(world)
    await at(submittedAt + DISPUTE_WINDOW + 1)
    await world.mesh.finalizeJob(order)
    await expect(world.mesh.finalizeJob(order))
      .to.be.revertedWithCustomError(world.mesh, 'BadState')
      .withArgs(world.jobIdOf(order), Status.paid)
  })

  it('rounds the fee down, in favour of the provider', async () => {
    const world = await loadWorld()
    const { order, submittedAt } = await submitted(world, { priceWei: 39n })
    await at(submittedAt + DISPUTE_WINDOW + 1)
    await expect(world.mesh.finalizeJob(order))
      .to.emit(world.mesh, 'JobFinalized')
      .withArgs(world.jobIdOf(order), 1, 39, 0)
    expect(await collectedWei(world)).to.equal(0n)
    await expectConserved(world)
  })

  it('serves a requester that is also the provider', async () => {
    const world = await loadWorld()
    const { owner, key } = world.provider(0)
    const order = await world.orderOf({ requester: owner.address })
    await connect(world.mesh, owner).postJob(order)
    await connect(world.mesh, key).acceptJob(order, 1)
    await connect(world.mesh, key).submitResult(world.jobIdOf(order), HONEST)
    await time.increase(DISPUTE_WINDOW + 1)
    await world.mesh.finalizeJob(order)
    expect(await world.freeOf(owner)).to.equal(DEPOSIT_WEI - STAKE_WEI - FEE_WEI)
    await expectConserved(world)
  })
})
