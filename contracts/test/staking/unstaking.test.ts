import { expect } from 'chai'
import { expectConserved } from '../support/conservation.ts'
import {
  at,
  BOND_WEI,
  connect,
  DUCK,
  loadWorld,
  PARAMS,
  PRICE_WEI,
  STAKE_WEI,
  time,
} from '../support/mesh.ts'
import { accepted, passExecWindow, post } from '../support/signedLane.ts'

describe('Unstaking', () => {
  it('leaves after the delay, at the exact second and not before', async () => {
    const world = await loadWorld()
    const { mesh, token, stranger } = world
    const registry = connect(mesh, world.provider(0).owner)
    const start = (await time.latest()) + 10
    const unstakeAt = start + PARAMS.unbondSeconds
    await at(start)
    await expect(registry.startUnstake(1, 5n * DUCK))
      .to.emit(mesh, 'UnstakeStarted')
      .withArgs(1, 5n * DUCK, unstakeAt)
    await expectConserved(world)
    await at(unstakeAt - 1)
    await expect(registry.finishUnstake(1, stranger.address))
      .to.be.revertedWithCustomError(mesh, 'TooEarly')
      .withArgs(unstakeAt - 1)
    await at(unstakeAt)
    await expect(registry.finishUnstake(1, stranger.address))
      .to.emit(mesh, 'UnstakeFinished')
      .withArgs(1, stranger.address, 5n * DUCK)
    expect(await token.balanceOf(stranger.address)).to.equal(5n * DUCK)
    await expectConserved(world)
  })

  it('starts the delay anew when more is added', async () => {
    const world = await loadWorld()
    const registry = connect(world.mesh, world.provider(0).owner)
    await registry.startUnstake(1, DUCK)
    await time.increase(1_000)
    await registry.startUnstake(1, DUCK)
    const { unstakingWei, unstakeAt } = await world.mesh.providerOf(1)
    expect(unstakingWei).to.equal(2n * DUCK)
    expect(unstakeAt).to.equal(BigInt((await time.latest()) + PARAMS.unbondSeconds))
  })

  it('returns to the stake when cancelled', async () => {
    const world = await loadWorld()
    const { mesh } = world
    const registry = connect(mesh, world.provider(0).owner)
    await registry.startUnstake(1, 5n * DUCK)
    await expect(registry.cancelUnstake(1))
      .to.emit(mesh, 'UnstakeCancelled')
      .withArgs(1, 5n * DUCK)
    const { stakedWei, unstakingWei, unstakeAt } = await mesh.providerOf(1)
    expect([stakedWei, unstakingWei, unstakeAt]).to.deep.equal([STAKE_WEI, 0n, 0n])
    await expectConserved(world)
  })

  it('has nothing to cancel or finish when nothing was started', async () => {
    const world = await loadWorld()
    const { mesh, stranger } = world
    const registry = connect(mesh, world.provider(0).owner)
    for (const call of [registry.cancelUnstake(1), registry.finishUnstake(1, stranger.address)]) {
      await expect(call).to.be.revertedWithCustomError(mesh, 'NothingUnstaking').withArgs(1)
    }
  })

  it('is for the owner only', async () => {
    const world = await loadWorld()
    const { mesh, stranger } = world
    const registry = connect(mesh, world.provider(0).key)
    for (const call of [
      registry.startUnstake(1, 1),
      registry.cancelUnstake(1),
      registry.finishUnstake(1, stranger.address),
    ]) {
      await expect(call).to.be.revertedWithCustomError(mesh, 'NotOwner')
    }
  })

  it('refuses nothing, and one wei more than the unlocked stake', async () => {
    const world = await loadWorld()
    const { mesh } = world
    const registry = connect(mesh, world.provider(0).owner)
    await accepted(world)
    await expect(registry.startUnstake(1, 0)).to.be.revertedWithCustomError(mesh, 'ZeroAmount')
    const unlockedWei = STAKE_WEI - BOND_WEI
    await expect(registry.startUnstake(1, unlockedWei + 1n))
      .to.be.revertedWithCustomError(mesh, 'InsufficientStake')
      .withArgs(1, unlockedWei, unlockedWei + 1n)
    await registry.startUnstake(1, unlockedWei)
  })

  it('does not escape a slash: the bond stays behind and is lost', async () => {
    const world = await loadWorld()
    const { mesh } = world
    const order = await accepted(world)
    await connect(mesh, world.provider(0).owner).startUnstake(1, STAKE_WEI - BOND_WEI)
    await expectConserved(world, { escrowWei: PRICE_WEI, lockedWei: BOND_WEI })
    await passExecWindow()
    await mesh.expireJob(order)
    const { stakedWei, lockedWei, unstakingWei } = await mesh.providerOf(1)
    expect([stakedWei, lockedWei, unstakingWei]).to.deep.equal([0n, 0n, STAKE_WEI - BOND_WEI])
    await expectConserved(world)
  })

  it('stops new jobs below the minimum stake until topped up', async () => {
    const world = await loadWorld()
    const { mesh } = world
    const { owner, key } = world.provider(0)
    await connect(mesh, owner).startUnstake(1, STAKE_WEI - PARAMS.minStakeWei + 1n)
    expect(await mesh.isActive(1)).to.equal(false)
    const order = await post(world)
    await expect(connect(mesh, key).acceptJob(order, 1))
      .to.be.revertedWithCustomError(mesh, 'ProviderInactive')
      .withArgs(1)
    await connect(mesh, owner).stake(1, 1)
    expect(await mesh.isActive(1)).to.equal(true)
    await connect(mesh, key).acceptJob(order, 1)
  })

  it('counts locked stake towards the minimum', async () => {
    const world = await loadWorld()
    const { mesh } = world
    const { key } = world.provider(0)
    await accepted(world, { bondWei: STAKE_WEI - BOND_WEI })
    const order = await post(world)
    await connect(mesh, key).acceptJob(order, 1)
    expect((await mesh.providerOf(1)).lockedWei).to.equal(STAKE_WEI)
    const another = await post(world, { bondWei: 1n })
    await expect(connect(mesh, key).acceptJob(another, 1))
      .to.be.revertedWithCustomError(mesh, 'InsufficientStake')
      .withArgs(1, 0, 1)
  })
})
