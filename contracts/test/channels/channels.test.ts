import { expect } from 'chai'
import {
  channelIdOf,
  claim,
  claimOf,
  configOf,
  FUNDED_WEI,
  opened,
  WITHDRAW_DELAY,
} from '../support/channels.ts'
import { expectConserved } from '../support/conservation.ts'
import { at, connect, DEPOSIT_WEI, DUCK, ethers, loadWorld, STAKE_WEI, time } from '../support/mesh.ts'

describe('Opening a channel', () => {
  it('moves money of the payer into it and announces the config', async () => {
    const world = await loadWorld()
    const { mesh, requester } = world
    const config = configOf(world)
    const id = channelIdOf(world, config)
    await expect(connect(mesh, requester).openChannel(config, FUNDED_WEI))
      .to.emit(mesh, 'ChannelOpened')
      .withArgs(id, requester.address, 1, Object.values(config), FUNDED_WEI)
    expect(await mesh.channelIdOf(config)).to.equal(id)
    expect([...(await mesh.channelOf(id))]).to.deep.equal([FUNDED_WEI, 0n, 0n, true])
    expect(await world.freeOf(requester)).to.equal(DEPOSIT_WEI - FUNDED_WEI)
    await expectConserved(world, { channelsWei: FUNDED_WEI })
  })

  it('is for the payer only', async () => {
    const world = await loadWorld()
    await expect(connect(world.mesh, world.stranger).openChannel(configOf(world), 1))
      .to.be.revertedWithCustomError(world.mesh, 'NotPayer')
      .withArgs(world.requester.address, world.stranger.address)
  })

  it('happens once for an id, also after a close that left it empty', async () => {
    const world = await loadWorld()
    const { mesh, requester } = world
    const config = await opened(world)
    const again = () => connect(mesh, requester).openChannel(config, FUNDED_WEI)
    await expect(again())
      .to.be.revertedWithCustomError(mesh, 'ChannelExists')
      .withArgs(channelIdOf(world, config))
    await connect(mesh, requester).startClose(config)
    await time.increase(WITHDRAW_DELAY + 1)
    await mesh.close(config)
    await expect(again()).to.be.revertedWithCustomError(mesh, 'ChannelExists')
    await opened(world, { salt: ethers.id('another') })
  })

  it('needs a key, an active provider, an amount and the money', async () => {
    const world = await loadWorld()
    const { mesh, requester } = world
    const open = (overrides: object, amountWei = FUNDED_WEI) =>
      connect(mesh, requester).openChannel(configOf(world, overrides), amountWei)
    await expect(open({ payerKey: ethers.ZeroAddress })).to.be.revertedWithCustomError(mesh, 'ZeroKey')
    await expect(open({ providerId: 99 }))
      .to.be.revertedWithCustomError(mesh, 'ProviderInactive')
      .withArgs(99)
    await expect(open({}, 0n)).to.be.revertedWithCustomError(mesh, 'ZeroAmount')
    await expect(open({}, DEPOSIT_WEI + 1n))
      .to.be.revertedWithCustomError(mesh, 'InsufficientFree')
      .withArgs(requester.address, DEPOSIT_WEI, DEPOSIT_WEI + 1n)
  })

  it('bounds the delay of the close from 15 minutes to 30 days', async () => {
    const world = await loadWorld()
    const [min, max] = [15 * 60, 30 * 86_400]
    for (const withdrawDelay of [min, max]) await opened(world, { withdrawDelay }, DUCK)
    for (const withdrawDelay of [min - 1, max + 1]) {
      const config = configOf(world, { withdrawDelay })
      await expect(connect(world.mesh, world.requester).openChannel(config, DUCK))
        .to.be.revertedWithCustomError(world.mesh, 'BadWithdrawDelay')
        .withArgs(withdrawDelay, min, max)
    }
  })
})

describe('Topping a channel up', () => {
  it('adds money, and ends a close that was started', async () => {
    const world = await loadWorld()
    const { mesh, requester } = world
    const config = await opened(world)
    const id = channelIdOf(world, config)
    await connect(mesh, requester).startClose(config)
    await expect(connect(mesh, requester).topUp(config, DUCK))
      .to.emit(mesh, 'ChannelToppedUp')
      .withArgs(id, DUCK)
    expect([...(await mesh.channelOf(id))]).to.deep.equal([FUNDED_WEI + DUCK, 0n, 0n, true])
    await expectConserved(world, { channelsWei: FUNDED_WEI + DUCK })
  })

  it('is for the payer of an open channel, and for an amount', async () => {
    const world = await loadWorld()
    const { mesh, requester, stranger } = world
    const config = configOf(world)
    await expect(connect(mesh, requester).topUp(config, DUCK))
      .to.be.revertedWithCustomError(mesh, 'NoChannel')
      .withArgs(channelIdOf(world, config))
    await opened(world)
    await expect(connect(mesh, stranger).topUp(config, DUCK)).to.be.revertedWithCustomError(mesh, 'NotPayer')
    await expect(connect(mesh, requester).topUp(config, 0)).to.be.revertedWithCustomError(mesh, 'ZeroAmount')
  })
})

describe('Closing a channel', () => {
  it('returns the rest to the payer after the delay, to the second, whoever calls', async () => {
    const world = await loadWorld()
    const { mesh, requester, stranger } = world
    const config = await opened(world)
    const id = channelIdOf(world, config)
    const now = (await time.latest()) + 10
    await at(now)
    await expect(connect(mesh, requester).startClose(config))
      .to.emit(mesh, 'ChannelClosing')
      .withArgs(id, now + WITHDRAW_DELAY)
    await at(now + WITHDRAW_DELAY)
    await expect(connect(mesh, stranger).close(config))
      .to.be.revertedWithCustomError(mesh, 'TooEarly')
      .withArgs(now + WITHDRAW_DELAY)
    await at(now + WITHDRAW_DELAY + 1)
    await expect(connect(mesh, stranger).close(config))
      .to.emit(mesh, 'ChannelClosed')
      .withArgs(id, FUNDED_WEI)
    expect(await world.freeOf(requester)).to.equal(DEPOSIT_WEI)
    expect([...(await mesh.channelOf(id))]).to.deep.equal([0n, 0n, 0n, true])
    await expect(mesh.close(config)).to.be.revertedWithCustomError(mesh, 'NotClosing').withArgs(id)
    await expectConserved(world)
  })

  it('is started by the payer, once', async () => {
    const world = await loadWorld()
    const { mesh, requester } = world
    const config = await opened(world)
    await expect(connect(mesh, world.provider(0).key).startClose(config)).to.be.revertedWithCustomError(
      mesh,
      'NotPayer',
    )
    await expect(mesh.close(config)).to.be.revertedWithCustomError(mesh, 'NotClosing')
    await connect(mesh, requester).startClose(config)
    const closableAfter = (await time.latest()) + WITHDRAW_DELAY
    await time.increase(60)
    await expect(connect(mesh, requester).startClose(config))
      .to.be.revertedWithCustomError(mesh, 'AlreadyClosing')
      .withArgs(channelIdOf(world, config), closableAfter)
  })
})

describe('Refunding from a channel', () => {
  it('returns a part at once, and keeps a close running', async () => {
    const world = await loadWorld()
    const { mesh, requester } = world
    const config = await opened(world)
    const id = channelIdOf(world, config)
    await connect(mesh, requester).startClose(config)
    const closableAfter = BigInt((await time.latest()) + WITHDRAW_DELAY)
    await expect(connect(mesh, world.provider(0).owner).refund(config, DUCK))
      .to.emit(mesh, 'ChannelRefunded')
      .withArgs(id, DUCK)
    expect([...(await mesh.channelOf(id))]).to.deep.equal([FUNDED_WEI - DUCK, 0n, closableAfter, true])
    expect(await world.freeOf(requester)).to.equal(DEPOSIT_WEI - FUNDED_WEI + DUCK)
    await expectConserved(world, { channelsWei: FUNDED_WEI - DUCK })
  })

  it('is for the provider, and for what the channel holds', async () => {
    const world = await loadWorld()
    const { mesh, requester } = world
    const config = await opened(world)
    await expect(connect(mesh, requester).refund(config, DUCK))
      .to.be.revertedWithCustomError(mesh, 'NotProvider')
      .withArgs(1, requester.address)
    const asProvider = connect(mesh, world.provider(0).key)
    await expect(asProvider.refund(config, FUNDED_WEI + 1n))
      .to.be.revertedWithCustomError(mesh, 'InsufficientChannel')
      .withArgs(channelIdOf(world, config), FUNDED_WEI, FUNDED_WEI + 1n)
    await expect(asProvider.refund(config, 0)).to.be.revertedWithCustomError(mesh, 'ZeroAmount')
    const other = configOf(world, { salt: ethers.id('never opened') })
    await expect(asProvider.refund(other, 1)).to.be.revertedWithCustomError(mesh, 'NoChannel')
    expect((await mesh.providerOf(1)).stakedWei).to.equal(STAKE_WEI)
  })

  it('never touches what was claimed', async () => {
    const world = await loadWorld()
    const config = await opened(world)
    const [claimedWei, heldWei] = [40n * DUCK, FUNDED_WEI - 40n * DUCK]
    await claim(world, [await claimOf(world, config, claimedWei)])
    const asProvider = connect(world.mesh, world.provider(0).owner)
    await expect(asProvider.refund(config, heldWei + 1n))
      .to.be.revertedWithCustomError(world.mesh, 'InsufficientChannel')
      .withArgs(channelIdOf(world, config), heldWei, heldWei + 1n)
    await asProvider.refund(config, heldWei)
    await expect(asProvider.refund(config, 1)).to.be.revertedWithCustomError(
      world.mesh,
      'InsufficientChannel',
    )
    await expectConserved(world)
  })
})
