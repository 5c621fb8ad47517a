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
import { collectedWei, feeOf } from '../support/fees.ts'
import {
  connect,
  DEPOSIT_WEI,
  DUCK,
  ethers,
  loadWorld,
  STAKE_WEI,
  time,
  type World,
} from '../support/mesh.ts'

const START_WEI = DEPOSIT_WEI - STAKE_WEI

/** Claims as provider 1 and expects these to be skipped. */
async function expectSkipped(world: World, claims: Parameters<typeof claim>[1], mask: bigint) {
  const sent = await claim(world, claims)
  const receipt = await sent.wait()
  const event = world.mesh.interface.parseLog(receipt.logs.at(-1))
  expect(event?.name).to.equal('ClaimsPaid')
  expect(event?.args.skippedMask).to.equal(mask)
}

describe('Claiming from channels', () => {
  it('pays what the vouchers give beyond what was claimed before', async () => {
    const world = await loadWorld()
    const { mesh } = world
    const config = await opened(world)
    const id = channelIdOf(world, config)
    await expect(claim(world, [await claimOf(world, config, 30n * DUCK)]))
      .to.emit(mesh, 'ChannelClaimed')
      .withArgs(id, 1, 30n * DUCK, 30n * DUCK)
    await expect(claim(world, [await claimOf(world, config, 50n * DUCK)]))
      .to.emit(mesh, 'ChannelClaimed')
      .withArgs(id, 1, 20n * DUCK, 50n * DUCK)
    expect(await world.freeOf(world.provider(0).owner)).to.equal(START_WEI + 50n * DUCK - feeOf(50n * DUCK))
    expect(await collectedWei(world)).to.equal(feeOf(50n * DUCK))
    await expectConserved(world, { channelsWei: FUNDED_WEI - 50n * DUCK })
  })

  it('takes any number of channels of one provider, and earns the sum before the fee', async () => {
    const world = await loadWorld()
    const claims = []
    for (const label of ['a', 'b', 'c']) {
      claims.push(await claimOf(world, await opened(world, { salt: ethers.id(label) }), 13n))
    }
    await expect(claim(world, claims)).to.emit(world.mesh, 'ClaimsPaid').withArgs(1, 39, 0)
    await expectConserved(world, { channelsWei: 3n * FUNDED_WEI - 39n })
  })

  it('takes less than the voucher says when less was used', async () => {
    const world = await loadWorld()
    const config = await opened(world)
    const voucher = { maxCumulativeWei: 50n * DUCK }
    await claim(world, [await claimOf(world, config, 10n * DUCK, voucher)])
    await claim(world, [await claimOf(world, config, 50n * DUCK, voucher)])
    await expectSkipped(world, [await claimOf(world, config, 50n * DUCK + 1n, voucher)], 1n)
    expect((await world.mesh.channelOf(channelIdOf(world, config))).claimedWei).to.equal(50n * DUCK)
  })

  it('changes nothing when a voucher is replayed, or an older one brought', async () => {
    const world = await loadWorld()
    const config = await opened(world)
    const [older, newer] = [await claimOf(world, config, DUCK), await claimOf(world, config, 2n * DUCK)]
    await claim(world, [newer])
    const before = await world.freeOf(world.provider(0).owner)
    await expectSkipped(world, [newer, older, newer], 0b111n)
    expect(await world.freeOf(world.provider(0).owner)).to.equal(before)
    await expectConserved(world, { channelsWei: FUNDED_WEI - 2n * DUCK })
  })

  it('takes the same channel twice in one call by what is new alone', async () => {
    const world = await loadWorld()
    const config = await opened(world)
    await expectSkipped(
      world,
      [
        await claimOf(world, config, DUCK),
        await claimOf(world, config, 3n * DUCK),
        await claimOf(world, config, DUCK),
      ],
      0b100n,
    )
    await expectConserved(world, { channelsWei: FUNDED_WEI - 3n * DUCK })
  })

  it('takes what the channel holds, and the rest after a top-up', async () => {
    const world = await loadWorld()
    const { mesh, requester } = world
    const config = await opened(world)
    const over = await claimOf(world, config, FUNDED_WEI + DUCK)
    await claim(world, [over])
    expect((await mesh.channelOf(channelIdOf(world, config))).claimedWei).to.equal(FUNDED_WEI)
    await expectSkipped(world, [over], 1n)
    await connect(mesh, requester).topUp(config, 5n * DUCK)
    await claim(world, [over])
    await expectConserved(world, { channelsWei: 4n * DUCK })
  })

  it('works until the close is carried out, and returns only what is left then', async () => {
    const world = await loadWorld()
    const { mesh, requester } = world
    const config = await opened(world)
    await connect(mesh, requester).startClose(config)
    await time.increase(WITHDRAW_DELAY + 1)
    await claim(world, [await claimOf(world, config, 40n * DUCK)])
    await expect(mesh.close(config))
      .to.emit(mesh, 'ChannelClosed')
      .withArgs(channelIdOf(world, config), 60n * DUCK)
    await expectSkipped(world, [await claimOf(world, config, 50n * DUCK)], 1n)
    await expectConserved(world)
  })

  it('skips bad claims, which block no other', async () => {
    const world = await loadWorld()
    const config = await opened(world)
    const others = await opened(world, { providerId: 2 })
    const never = configOf(world, { salt: ethers.id('never opened') })
    const malformed = { ...(await claimOf(world, config, DUCK)), signature: `0x${'00'.repeat(65)}` }
    await expectSkipped(
      world,
      [
        await claimOf(world, config, DUCK, { signer: world.stranger }),
        await claimOf(world, others, DUCK),
        await claimOf(world, never, DUCK),
        malformed,
        await claimOf(world, config, 0n),
        await claimOf(world, config, DUCK),
      ],
      0b011111n,
    )
    await expectConserved(world, { channelsWei: 2n * FUNDED_WEI - DUCK })
  })

  it('honours the key of the config alone', async () => {
    const world = await loadWorld()
    const config = await opened(world, { payerKey: world.challenger.address })
    await expectSkipped(world, [await claimOf(world, config, DUCK)], 1n)
    await claim(world, [await claimOf(world, config, DUCK, { signer: world.challenger })])
  })

  it('is for owner and key of the provider only', async () => {
    const world = await loadWorld()
    const { mesh, stranger } = world
    await expect(connect(mesh, stranger).claim(1, [], '0x'))
      .to.be.revertedWithCustomError(mesh, 'NotProvider')
      .withArgs(1, stranger.address)
    await expect(connect(mesh, world.provider(0).owner).claim(1, [], '0x'))
      .to.emit(mesh, 'ClaimsPaid')
      .withArgs(1, 0, 0)
  })

  it('needs one signature for each of at most 256 claims', async () => {
    const world = await loadWorld()
    const { config, maxCumulativeWei, cumulativeWei } = await claimOf(world, await opened(world), DUCK)
    const plain = { config, maxCumulativeWei, cumulativeWei }
    const asProvider = connect(world.mesh, world.provider(0).key)
    await expect(asProvider.claim(1, [plain], `0x${'00'.repeat(64)}`))
      .to.be.revertedWithCustomError(world.mesh, 'BadSignatureCount')
      .withArgs(64, 65)
    await expect(asProvider.claim(1, Array(257).fill(plain), '0x'))
      .to.be.revertedWithCustomError(world.mesh, 'TooManyClaims')
      .withArgs(257, 256)
  })

  it('is paid also to a provider that is not active any more', async () => {
    const world = await loadWorld()
    const config = await opened(world)
    await connect(world.mesh, world.provider(0).owner).startUnstake(1, STAKE_WEI)
    await claim(world, [await claimOf(world, config, DUCK)])
    await expectConserved(world, { channelsWei: FUNDED_WEI - DUCK })
  })
})
