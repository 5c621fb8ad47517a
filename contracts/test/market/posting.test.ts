import { expect } from 'chai'
import { expectConserved } from '../support/conservation.ts'
import {
  at,
  connect,
  DEPOSIT_WEI,
  DISPUTE_WINDOW,
  EXEC_WINDOW,
  ethers,
  loadWorld,
  PARAMS,
  PRICE_WEI,
  Status,
  time,
} from '../support/mesh.ts'
import { accepted, post } from '../support/signedLane.ts'

describe('Posting a job', () => {
  it('escrows the price and announces the whole order', async () => {
    const world = await loadWorld()
    const { mesh, requester } = world
    const order = await world.orderOf()
    const jobId = world.jobIdOf(order)
    await expect(connect(mesh, requester).postJob(order))
      .to.emit(mesh, 'JobPosted')
      .withArgs(jobId, requester.address, order.modelId, Object.values(order))
    expect(await mesh.jobIdOf(order)).to.equal(jobId)
    expect((await mesh.jobOf(jobId)).toObject()).to.deep.equal({
      status: Status.open,
      round: 0n,
      takenOver: false,
      providerId: 0n,
      at: BigInt(await time.latest()),
      tag: 0n,
    })
    expect(await world.freeOf(requester)).to.equal(DEPOSIT_WEI - PRICE_WEI)
    await expectConserved(world, { escrowWei: PRICE_WEI })
  })

  it('is for the requester only', async () => {
    const { mesh, stranger, requester, orderOf } = await loadWorld()
    await expect(connect(mesh, stranger).postJob(await orderOf()))
      .to.be.revertedWithCustomError(mesh, 'NotRequester')
      .withArgs(requester.address, stranger.address)
  })

  it('serves no mode without its verifier, and never the redundant one', async () => {
    const { mesh, requester, orderOf } = await loadWorld()
    for (const mode of [1, 2, 3, 4]) {
      await expect(connect(mesh, requester).postJob(await orderOf({ mode })))
        .to.be.revertedWithCustomError(mesh, 'UnsupportedMode')
        .withArgs(mode)
    }
  })

  it('is possible up to acceptBy, to the second', async () => {
    const { mesh, requester, orderOf } = await loadWorld()
    const acceptBy = (await time.latest()) + 50
    await at(acceptBy)
    await connect(mesh, requester).postJob(await orderOf({ acceptBy }))
    await at(acceptBy + 1)
    await expect(connect(mesh, requester).postJob(await orderOf({ acceptBy })))
      .to.be.revertedWithCustomError(mesh, 'Expired')
      .withArgs(acceptBy)
  })

  it('bounds the longest life of the job, with a takeover, and with the re-execution when there is a coordinator', async () => {
    const { mesh, requester, coordinator, orderOf } = await loadWorld()
    const market = connect(mesh, requester)
    const max = PARAMS.maxJobLifeSeconds
    const alone = 3 * EXEC_WINDOW + DISPUTE_WINDOW
    const cases = [
      { coordinator: ethers.ZeroAddress, windows: alone },
      { coordinator: coordinator.address, windows: alone + 3 * EXEC_WINDOW },
    ]
    for (const { coordinator, windows } of cases) {
      const now = (await time.latest()) + 100
      const acceptBy = now + max - windows
      await at(now)
      await expect(market.postJob(await orderOf({ coordinator, acceptBy: acceptBy + 1 })))
        .to.be.revertedWithCustomError(mesh, 'LifeTooLong')
        .withArgs(max + 1, max)
      await at(now)
      await market.postJob(await orderOf({ coordinator, acceptBy }))
    }
  })

  it('refuses a price above the free balance, and takes a price of zero', async () => {
    const world = await loadWorld()
    const { mesh, requester, orderOf } = world
    const market = connect(mesh, requester)
    await expect(market.postJob(await orderOf({ priceWei: DEPOSIT_WEI + 1n })))
      .to.be.revertedWithCustomError(mesh, 'InsufficientFree')
      .withArgs(requester.address, DEPOSIT_WEI, DEPOSIT_WEI + 1n)
    await market.postJob(await orderOf({ priceWei: 0n }))
    await expectConserved(world)
  })

  it('refuses words with dirty high bits', async () => {
    const { mesh, requester, orderOf } = await loadWorld()
    const data = mesh.interface.encodeFunctionData('postJob', [await orderOf()])
    const kindWord = 10 + 3 * 64
    const dirty = `${data.slice(0, kindWord)}${'f'.repeat(64)}${data.slice(kindWord + 64)}`
    await expect(requester.sendTransaction({ to: await mesh.getAddress(), data: dirty })).to.be.revert(ethers)
  })
})

describe('Cancelling a job', () => {
  it('returns the price of an open job to its requester', async () => {
    const world = await loadWorld()
    const { mesh, requester } = world
    const order = await post(world)
    const jobId = world.jobIdOf(order)
    await expect(connect(mesh, requester).cancelJob(order))
      .to.emit(mesh, 'JobRefunded')
      .withArgs(jobId, PRICE_WEI)
    expect((await mesh.jobOf(jobId)).status).to.equal(Status.refunded)
    expect(await world.freeOf(requester)).to.equal(DEPOSIT_WEI)
    await expectConserved(world)
  })

  it('is for the requester only, and for open jobs only', async () => {
    const world = await loadWorld()
    const { mesh, requester, stranger } = world
    const order = await accepted(world)
    await expect(connect(mesh, stranger).cancelJob(order)).to.be.revertedWithCustomError(mesh, 'NotRequester')
    await expect(connect(mesh, requester).cancelJob(order))
      .to.be.revertedWithCustomError(mesh, 'BadState')
      .withArgs(world.jobIdOf(order), Status.active)
  })
})
