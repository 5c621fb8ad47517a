import { expect } from 'chai'
import {
  COORDINATOR,
  EXIT_DELAY,
  expectConserved,
  leaf,
  loadEpochWorld,
  PURSE_WEI,
  post,
  purseWei,
} from '../support/epochs.ts'
import { at, connect, DUCK, ethers, time } from '../support/mesh.ts'

describe('EpochSettler: purses', () => {
  it('opens a purse with its own key, numbered per coordinator', async () => {
    const world = await loadEpochWorld()
    const { settler, challenger, stranger } = world
    await expect(connect(settler, challenger).openPurse(COORDINATOR, stranger.address, DUCK))
      .to.emit(settler, 'PurseOpened')
      .withArgs(COORDINATOR, 5, challenger.address, stranger.address)
    const purse = await settler.purseOf(COORDINATOR, 5)
    expect(purse.toObject()).to.deep.equal({
      payer: challenger.address,
      leavesAfter: 0n,
      key: stranger.address,
      leavingWei: 0n,
      balanceWei: DUCK,
    })
    await expectConserved(world)
  })

  it('refuses the zero key', async () => {
    const { settler, requester } = await loadEpochWorld()
    await expect(
      connect(settler, requester).openPurse(COORDINATOR, ethers.ZeroAddress, DUCK),
    ).to.be.revertedWithCustomError(settler, 'ZeroPurseKey')
  })

  it('refuses a coordinator that does not exist', async () => {
    const { settler, requester } = await loadEpochWorld()
    await expect(connect(settler, requester).openPurse(2, requester.address, DUCK))
      .to.be.revertedWithCustomError(settler, 'NoCoordinator')
      .withArgs(2)
  })

  it('refuses an empty purse', async () => {
    const { settler, requester } = await loadEpochWorld()
    await expect(
      connect(settler, requester).openPurse(COORDINATOR, requester.address, 0n),
    ).to.be.revertedWithCustomError(settler, 'ZeroAmount')
  })

  it('is filled by anybody, and neighbours in a word keep their balances', async () => {
    const world = await loadEpochWorld()
    const { settler, challenger } = world
    await connect(settler, challenger).reserve(COORDINATOR, 2, DUCK)
    expect(await purseWei(world, 2)).to.equal(PURSE_WEI + DUCK)
    expect(await purseWei(world, 3)).to.equal(PURSE_WEI)
    await expectConserved(world)
  })

  it('refuses to fill a purse that does not exist', async () => {
    const { settler, challenger } = await loadEpochWorld()
    await expect(connect(settler, challenger).reserve(COORDINATOR, 5, DUCK))
      .to.be.revertedWithCustomError(settler, 'NoPurse')
      .withArgs(COORDINATOR, 5)
  })

  for (const action of ['startUnreserve', 'unreserve'] as const) {
    it(`lets the payer alone call ${action}, not even its key`, async () => {
      const { settler, requester, challenger } = await loadEpochWorld()
      await connect(settler, requester).openPurse(COORDINATOR, challenger.address, DUCK)
      const argument = action === 'unreserve' ? challenger.address : 1n
      await expect(connect(settler, challenger)[action](COORDINATOR, 5, argument))
        .to.be.revertedWithCustomError(settler, 'NotAllowed')
        .withArgs(requester.address, challenger.address)
    })
  }

  it('gives back what was announced after the delay, not in its last second', async () => {
    const world = await loadEpochWorld()
    const { settler, requester, token, stranger } = world
    await connect(settler, requester).startUnreserve(COORDINATOR, 1, 30n * DUCK)
    const { leavesAfter, leavingWei } = await settler.purseOf(COORDINATOR, 1)
    expect(leavesAfter).to.equal(BigInt((await time.latest()) + EXIT_DELAY))
    expect(leavingWei).to.equal(30n * DUCK)
    await at(leavesAfter)
    await expect(connect(settler, requester).unreserve(COORDINATOR, 1, stranger.address))
      .to.be.revertedWithCustomError(settler, 'TooEarly')
      .withArgs(leavesAfter)
    await at(leavesAfter + 1n)
    await connect(settler, requester).unreserve(COORDINATOR, 1, stranger.address)
    expect(await token.balanceOf(stranger.address)).to.equal(30n * DUCK)
    expect(await purseWei(world, 1)).to.equal(PURSE_WEI - 30n * DUCK)
    await expectConserved(world)
  })

  it('gives back once for each announcement', async () => {
    const { settler, requester } = await loadEpochWorld()
    await connect(settler, requester).startUnreserve(COORDINATOR, 1, DUCK)
    await time.increase(EXIT_DELAY + 1)
    await connect(settler, requester).unreserve(COORDINATOR, 1, requester.address)
    await expect(connect(settler, requester).unreserve(COORDINATOR, 1, requester.address))
      .to.be.revertedWithCustomError(settler, 'NothingLeaving')
      .withArgs(COORDINATOR, 1)
  })

  it('gives back what an epoch left of it', async () => {
    const world = await loadEpochWorld()
    const { settler, requester, token, stranger } = world
    await connect(settler, requester).startUnreserve(COORDINATOR, 1, PURSE_WEI)
    await post(world, [leaf(1, 1, 60)])
    await time.increase(EXIT_DELAY + 1)
    await connect(settler, requester).unreserve(COORDINATOR, 1, stranger.address)
    expect(await token.balanceOf(stranger.address)).to.equal(PURSE_WEI - 60n * DUCK)
    await expectConserved(world, 120n * DUCK)
  })

  it('refuses when an epoch left nothing of it', async () => {
    const world = await loadEpochWorld()
    const { settler, requester } = world
    await connect(settler, requester).startUnreserve(COORDINATOR, 1, PURSE_WEI)
    await post(world, [leaf(1, 1, 100)])
    await time.increase(EXIT_DELAY + 1)
    await expect(
      connect(settler, requester).unreserve(COORDINATOR, 1, requester.address),
    ).to.be.revertedWithCustomError(settler, 'ZeroAmount')
  })

  it('ends an announcement by announcing zero', async () => {
    const { settler, requester } = await loadEpochWorld()
    await connect(settler, requester).startUnreserve(COORDINATOR, 1, DUCK)
    await connect(settler, requester).startUnreserve(COORDINATOR, 1, 0n)
    const { leavesAfter } = await settler.purseOf(COORDINATOR, 1)
    expect(leavesAfter).to.equal(0n)
    await time.increase(EXIT_DELAY + 1)
    await expect(
      connect(settler, requester).unreserve(COORDINATOR, 1, requester.address),
    ).to.be.revertedWithCustomError(settler, 'NothingLeaving')
  })

  for (const to of ['zero', 'settler'] as const) {
    it(`does not send to the ${to} address`, async () => {
      const { settler, settlerAddress, requester } = await loadEpochWorld()
      const recipient = to === 'zero' ? ethers.ZeroAddress : settlerAddress
      await connect(settler, requester).startUnreserve(COORDINATOR, 1, DUCK)
      await time.increase(EXIT_DELAY + 1)
      await expect(connect(settler, requester).unreserve(COORDINATOR, 1, recipient))
        .to.be.revertedWithCustomError(settler, 'InvalidRecipient')
        .withArgs(recipient)
    })
  }
})
