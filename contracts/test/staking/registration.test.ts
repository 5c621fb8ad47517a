import { expect } from 'chai'
import { expectConserved } from '../support/conservation.ts'
import {
  at,
  connect,
  DEPOSIT_WEI,
  DUCK,
  ethers,
  loadWorld,
  PARAMS,
  STAKE_WEI,
  time,
} from '../support/mesh.ts'

const PROFILE = ethers.id('other profile')

describe('Provider registration', () => {
  it('makes a provider of the caller, paid from its free balance', async () => {
    const world = await loadWorld()
    const { mesh, challenger, stranger } = world
    const id = 8
    await expect(connect(mesh, challenger).registerProvider(stranger.address, PROFILE, 'http://x', STAKE_WEI))
      .to.emit(mesh, 'ProviderRegistered')
      .withArgs(id, challenger.address, stranger.address, PROFILE, 'http://x')
      .and.to.emit(mesh, 'StakeAdded')
      .withArgs(id, STAKE_WEI)
    const now = BigInt(await time.latest())
    expect((await mesh.providerOf(id)).toObject()).to.deep.equal({
      owner: challenger.address,
      signingKey: stranger.address,
      keyEpoch: 0n,
      registeredAt: now,
      lastSeen: now,
      stakedWei: STAKE_WEI,
      lockedWei: 0n,
      unstakingWei: 0n,
      unstakeAt: 0n,
    })
    expect(await world.freeOf(challenger)).to.equal(DEPOSIT_WEI - STAKE_WEI)
    expect(await mesh.providerCount()).to.equal(8n)
    expect(await mesh.providerIdOf(challenger.address)).to.equal(8n)
    expect(await mesh.providerIdByKey(stranger.address)).to.equal(8n)
    expect(await mesh.isActive(id)).to.equal(true)
    await expectConserved(world)
  })

  it('knows nothing of ids, owners and keys that were never registered', async () => {
    const { mesh, stranger } = await loadWorld()
    expect(await mesh.providerIdOf(stranger.address)).to.equal(0n)
    expect(await mesh.providerIdByKey(stranger.address)).to.equal(0n)
    expect(await mesh.isActive(99)).to.equal(false)
    expect((await mesh.providerOf(99)).owner).to.equal(ethers.ZeroAddress)
  })

  it('refuses a second provider of one owner', async () => {
    const world = await loadWorld()
    const { owner } = world.provider(0)
    await expect(connect(world.mesh, owner).registerProvider(world.stranger.address, PROFILE, '', STAKE_WEI))
      .to.be.revertedWithCustomError(world.mesh, 'AlreadyRegistered')
      .withArgs(owner.address, 1)
  })

  it('refuses a signing key in use, and the zero key', async () => {
    const world = await loadWorld()
    const { mesh, challenger } = world
    const { key } = world.provider(2)
    await expect(connect(mesh, challenger).registerProvider(key.address, PROFILE, '', STAKE_WEI))
      .to.be.revertedWithCustomError(mesh, 'KeyTaken')
      .withArgs(key.address, 3)
    await expect(
      connect(mesh, challenger).registerProvider(ethers.ZeroAddress, PROFILE, '', STAKE_WEI),
    ).to.be.revertedWithCustomError(mesh, 'ZeroKey')
  })

  it('refuses a stake one wei below the minimum, and accepts the minimum', async () => {
    const { mesh, challenger, stranger } = await loadWorld()
    const { minStakeWei } = PARAMS
    const registry = connect(mesh, challenger)
    await expect(registry.registerProvider(stranger.address, PROFILE, '', minStakeWei - 1n))
      .to.be.revertedWithCustomError(mesh, 'StakeBelowMinimum')
      .withArgs(minStakeWei - 1n, minStakeWei)
    await registry.registerProvider(stranger.address, PROFILE, '', minStakeWei)
  })

  it('refuses a stake that the free balance does not cover', async () => {
    const { mesh, stranger } = await loadWorld()
    await expect(
      connect(mesh, stranger).registerProvider(stranger.address, PROFILE, '', STAKE_WEI),
    ).to.be.revertedWithCustomError(mesh, 'InsufficientFree')
  })

  it('adds stake from the owner, and from nobody else', async () => {
    const world = await loadWorld()
    const { mesh } = world
    const { owner, key } = world.provider(0)
    await expect(connect(mesh, owner).stake(1, DUCK)).to.emit(mesh, 'StakeAdded').withArgs(1, DUCK)
    expect((await mesh.providerOf(1)).stakedWei).to.equal(STAKE_WEI + DUCK)
    await expect(connect(mesh, key).stake(1, DUCK))
      .to.be.revertedWithCustomError(mesh, 'NotOwner')
      .withArgs(1, key.address)
    await expect(connect(mesh, owner).stake(1, 0)).to.be.revertedWithCustomError(mesh, 'ZeroAmount')
    await expectConserved(world)
  })

  it('records heartbeats of owner and key, and of nobody else', async () => {
    const world = await loadWorld()
    const { mesh, stranger } = world
    const { owner, key } = world.provider(0)
    for (const sender of [owner, key]) {
      const now = (await time.latest()) + 7
      await at(now)
      await expect(connect(mesh, sender).heartbeat(1)).to.emit(mesh, 'Heartbeat').withArgs(1, now)
      expect((await mesh.providerOf(1)).lastSeen).to.equal(BigInt(now))
    }
    await expect(connect(mesh, stranger).heartbeat(1))
      .to.be.revertedWithCustomError(mesh, 'NotProvider')
      .withArgs(1, stranger.address)
  })

  it('announces a new endpoint of the owner only', async () => {
    const world = await loadWorld()
    const { mesh } = world
    const { owner, key } = world.provider(0)
    await expect(connect(mesh, owner).setEndpoint(1, PROFILE, 'http://new'))
      .to.emit(mesh, 'ProviderUpdated')
      .withArgs(1, PROFILE, 'http://new')
    await expect(connect(mesh, key).setEndpoint(1, PROFILE, 'x')).to.be.revertedWithCustomError(
      mesh,
      'NotOwner',
    )
  })
})
