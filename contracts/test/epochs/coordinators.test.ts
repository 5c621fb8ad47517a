import { expect } from 'chai'
import { buildEpoch } from '../../../protocol/src/epochs/epoch.ts'
import {
  afterWindow,
  applyAll,
  COORDINATOR,
  COORDINATOR_BOND_WEI,
  EPOCH_PARAMS,
  EXIT_DELAY,
  expectConserved,
  LEAVES,
  loadEpochWorld,
  post,
  sendEpoch,
} from '../support/epochs.ts'
import { at, connect, DUCK, ethers, time } from '../support/mesh.ts'

const TOTAL_WEI = 60n * DUCK

describe('EpochSettler: coordinators', () => {
  it('registers with a bond, ids counting up and serials from 1', async () => {
    const world = await loadEpochWorld()
    const { settler, challenger, stranger } = world
    const { minEpochBondWei } = EPOCH_PARAMS
    await expect(connect(settler, challenger).registerCoordinator(stranger.address, minEpochBondWei))
      .to.emit(settler, 'CoordinatorRegistered')
      .withArgs(2, challenger.address, stranger.address)
    const registered = await settler.coordinatorOf(2)
    expect(registered.key).to.equal(stranger.address)
    expect(registered.nextSerial).to.equal(1n)
    expect(registered.freeBondWei).to.equal(minEpochBondWei)
    expect(await settler.coordinatorCount()).to.equal(2n)
    await expectConserved(world, minEpochBondWei)
  })

  it('refuses the zero key', async () => {
    const { settler, owner } = await loadEpochWorld()
    await expect(
      connect(settler, owner).registerCoordinator(ethers.ZeroAddress, COORDINATOR_BOND_WEI),
    ).to.be.revertedWithCustomError(settler, 'ZeroCoordinatorKey')
  })

  it('refuses a bond one wei below the smallest epoch', async () => {
    const { settler, owner } = await loadEpochWorld()
    const { minEpochBondWei } = EPOCH_PARAMS
    await expect(connect(settler, owner).registerCoordinator(owner.address, minEpochBondWei - 1n))
      .to.be.revertedWithCustomError(settler, 'InsufficientBond')
      .withArgs(2, minEpochBondWei - 1n, minEpochBondWei)
  })

  for (const action of ['addBond', 'startExit', 'withdrawBond'] as const) {
    it(`lets the owner alone call ${action}, not even its key`, async () => {
      const { settler, owner, poster } = await loadEpochWorld()
      const args = { addBond: [1n], startExit: [], withdrawBond: [poster.address] }[action]
      await expect(connect(settler, poster)[action](COORDINATOR, ...args))
        .to.be.revertedWithCustomError(settler, 'NotAllowed')
        .withArgs(owner.address, poster.address)
    })
  }

  it('adds to the bond, which ends an exit', async () => {
    const world = await loadEpochWorld()
    const { settler, owner } = world
    await connect(settler, owner).startExit(COORDINATOR)
    await connect(settler, owner).addBond(COORDINATOR, DUCK)
    expect((await settler.coordinatorOf(COORDINATOR)).exitAfter).to.equal(0n)
    await expect(
      connect(settler, owner).withdrawBond(COORDINATOR, owner.address),
    ).to.be.revertedWithCustomError(settler, 'NotExiting')
    await expectConserved(world)
  })

  it('refuses to add nothing', async () => {
    const { settler, owner } = await loadEpochWorld()
    await expect(connect(settler, owner).addBond(COORDINATOR, 0n)).to.be.revertedWithCustomError(
      settler,
      'ZeroAmount',
    )
  })

  it('gives the bond back after the delay, not in its last second', async () => {
    const world = await loadEpochWorld()
    const { settler, owner, token, stranger } = world
    await connect(settler, owner).startExit(COORDINATOR)
    const exitAfter = (await settler.coordinatorOf(COORDINATOR)).exitAfter
    expect(exitAfter).to.equal(BigInt((await time.latest()) + EXIT_DELAY))
    await at(exitAfter)
    await expect(connect(settler, owner).withdrawBond(COORDINATOR, stranger.address))
      .to.be.revertedWithCustomError(settler, 'TooEarly')
      .withArgs(exitAfter)
    await at(exitAfter + 1n)
    await connect(settler, owner).withdrawBond(COORDINATOR, stranger.address)
    expect(await token.balanceOf(stranger.address)).to.equal(COORDINATOR_BOND_WEI)
    await expect(
      connect(settler, owner).withdrawBond(COORDINATOR, owner.address),
    ).to.be.revertedWithCustomError(settler, 'ZeroAmount')
    await expectConserved(world)
  })

  it('keeps what is at stake in an open epoch, and gives it back when that is applied', async () => {
    const world = await loadEpochWorld()
    const { settler, owner, token, stranger } = world
    await connect(settler, owner).startExit(COORDINATOR)
    await time.increase(EXIT_DELAY)
    const posted = await post(world)
    await connect(settler, owner).withdrawBond(COORDINATOR, stranger.address)
    expect(await token.balanceOf(stranger.address)).to.equal(COORDINATOR_BOND_WEI - TOTAL_WEI)
    await afterWindow(posted)
    await applyAll(world, posted)
    await connect(settler, owner).withdrawBond(COORDINATOR, stranger.address)
    expect(await token.balanceOf(stranger.address)).to.equal(COORDINATOR_BOND_WEI)
    await expectConserved(world)
  })

  it('cannot post without bond', async () => {
    const world = await loadEpochWorld()
    const { settler, owner } = world
    await connect(settler, owner).startExit(COORDINATOR)
    await time.increase(EXIT_DELAY + 1)
    await connect(settler, owner).withdrawBond(COORDINATOR, owner.address)
    await expect(sendEpoch(world, buildEpoch(LEAVES)))
      .to.be.revertedWithCustomError(settler, 'InsufficientBond')
      .withArgs(COORDINATOR, 0n, TOTAL_WEI)
  })
})
