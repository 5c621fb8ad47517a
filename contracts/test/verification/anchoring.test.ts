import { expect } from 'chai'
import { changed, prepared, resigned, THREE } from '../support/anchoring.ts'
import { expectConserved } from '../support/conservation.ts'
import {
  at,
  BOND_WEI,
  connect,
  DEPOSIT_WEI,
  EXEC_WINDOW,
  ethers,
  loadWorld,
  PARAMS,
  PRICE_WEI,
  STAKE_WEI,
  Status,
  time,
} from '../support/mesh.ts'
import { anchor, anchorArguments, open, redundantOrder, roundOf } from '../support/redundant.ts'

describe('Anchoring seats', () => {
  it('escrows the price, locks the bonds and binds seats to commitments, whoever sends', async () => {
    const { world, mesh, round, args } = await prepared()
    await expect(connect(mesh, world.stranger).anchorSeats(...args))
      .to.emit(mesh, 'SeatsAnchored')
      .withArgs(round.jobId, 0, round.ids, round.commitments)
    const digest = ethers.keccak256(
      ethers.AbiCoder.defaultAbiCoder().encode(['uint32[]', 'bytes32[]'], [round.ids, round.commitments]),
    )
    expect((await mesh.jobOf(round.jobId)).toArray()).to.deep.equal([
      Status.anchored,
      0n,
      false,
      0n,
      BigInt(await time.latest()),
      BigInt(digest) >> 56n,
    ])
    expect(await world.freeOf(world.requester)).to.equal(DEPOSIT_WEI - PRICE_WEI)
    expect(await mesh.nonceUsed(world.requester.address, round.order.nonce)).to.equal(true)
    await expectConserved(world, { escrowWei: PRICE_WEI, lockedWei: 3n * BOND_WEI })
  })

  it('keeps the seat order of the draw', async () => {
    const { world, mesh, round, args } = await prepared({}, [5, 1, 3])
    await expect(mesh.anchorSeats(...args))
      .to.emit(mesh, 'SeatsAnchored')
      .withArgs(round.jobId, 0, [5, 1, 3], round.commitments)
    await open(world, round)
  })

  it('happens once', async () => {
    const { mesh, round, args } = await prepared()
    await mesh.anchorSeats(...args)
    await expect(mesh.anchorSeats(...args))
      .to.be.revertedWithCustomError(mesh, 'BadState')
      .withArgs(round.jobId, Status.anchored)
  })

  it('is possible up to acceptBy, to the second', async () => {
    const { world, mesh, round, args } = await prepared()
    await at(round.order.acceptBy)
    await mesh.anchorSeats(...args)
    const order = await redundantOrder(world, { acceptBy: (await time.latest()) + 100 })
    const late = await anchorArguments(world, roundOf(world, order, THREE))
    await at(order.acceptBy + 1)
    await expect(mesh.anchorSeats(...late))
      .to.be.revertedWithCustomError(mesh, 'Expired')
      .withArgs(order.acceptBy)
  })

  it('bounds the longest life, a reseating included', async () => {
    const world = await loadWorld()
    const now = (await time.latest()) + 100
    const acceptBy = now + PARAMS.maxJobLifeSeconds - 4 * EXEC_WINDOW
    const fits = await anchorArguments(
      world,
      roundOf(world, await redundantOrder(world, { acceptBy }), THREE),
    )
    const long = await redundantOrder(world, { acceptBy: acceptBy + 1 })
    const exceeds = await anchorArguments(world, roundOf(world, long, THREE))
    await at(now)
    await expect(world.mesh.anchorSeats(...exceeds))
      .to.be.revertedWithCustomError(world.mesh, 'LifeTooLong')
      .withArgs(PARAMS.maxJobLifeSeconds + 1, PARAMS.maxJobLifeSeconds)
    await at(now)
    await world.mesh.anchorSeats(...fits)
  })

  it('needs the price in the free balance of the requester', async () => {
    const { mesh, world, args } = await prepared({ priceWei: DEPOSIT_WEI + 1n })
    await expect(mesh.anchorSeats(...args))
      .to.be.revertedWithCustomError(mesh, 'InsufficientFree')
      .withArgs(world.requester.address, DEPOSIT_WEI, DEPOSIT_WEI + 1n)
  })

  it('needs unlocked stake of every seat', async () => {
    const { mesh, args } = await prepared({ bondWei: STAKE_WEI + 1n })
    await expect(mesh.anchorSeats(...args))
      .to.be.revertedWithCustomError(mesh, 'InsufficientStake')
      .withArgs(1, STAKE_WEI, STAKE_WEI + 1n)
  })

  it('needs every seat to be an active provider', async () => {
    const { world, mesh, args, round } = await prepared()
    await connect(mesh, world.provider(1).owner).startUnstake(2, STAKE_WEI)
    await expect(mesh.anchorSeats(...args))
      .to.be.revertedWithCustomError(mesh, 'ProviderInactive')
      .withArgs(2)
    await expect(mesh.anchorSeats(...(await resigned(world, round, [1, 99, 3]))))
      .to.be.revertedWithCustomError(mesh, 'ProviderInactive')
      .withArgs(99)
  })

  it('serves redundant mode without a named provider only', async () => {
    const signed = await prepared({ mode: 0 })
    await expect(signed.mesh.anchorSeats(...signed.args))
      .to.be.revertedWithCustomError(signed.mesh, 'UnsupportedMode')
      .withArgs(0)
    const directed = await prepared({ providerId: 4 })
    await expect(directed.mesh.anchorSeats(...directed.args))
      .to.be.revertedWithCustomError(directed.mesh, 'WrongProvider')
      .withArgs(0, 4)
  })
})

describe('Anchoring by anybody', () => {
  it('cannot be replayed for another order of the same content', async () => {
    const { world, mesh, round, args } = await prepared()
    await anchor(world, round)
    const again = { ...round.order, nonce: round.order.nonce + 1_000n }
    await expect(mesh.anchorSeats(...changed(args, { 0: again })))
      .to.be.revertedWithCustomError(mesh, 'WrongJob')
      .withArgs(round.jobId, world.jobIdOf(again))
  })
})
