import { expect } from 'chai'
import { resigned } from '../support/anchoring.ts'
import { expectConserved } from '../support/conservation.ts'
import { BOND_WEI, connect, DEPOSIT_WEI, ethers, PARAMS, STAKE_WEI } from '../support/mesh.ts'
import { anchor, commitSeat, HONEST, open, redundantOrder, roundOf } from '../support/redundant.ts'
import { drawn, passReveal } from './scenario.ts'

describe('Attack: sybil seats', () => {
  it('one provider on two seats is refused, even when the coordinator signed it', async () => {
    const { world, mesh, round } = await drawn()
    for (const seats of [
      [1, 1, 2],
      [1, 2, 1],
      [2, 1, 1],
    ]) {
      await expect(mesh.anchorSeats(...(await resigned(world, round, seats))))
        .to.be.revertedWithCustomError(mesh, 'DuplicateSeat')
        .withArgs(1)
    }
  })

  it('a second identity of one owner, or of one key, is refused', async () => {
    const { world, mesh } = await drawn()
    const { owner, key } = world.provider(0)
    await expect(
      connect(mesh, owner).registerProvider(world.stranger.address, ethers.ZeroHash, '', PARAMS.minStakeWei),
    ).to.be.revertedWithCustomError(mesh, 'AlreadyRegistered')
    await expect(
      connect(mesh, world.challenger).registerProvider(key.address, ethers.ZeroHash, '', PARAMS.minStakeWei),
    ).to.be.revertedWithCustomError(mesh, 'KeyTaken')
  })

  it('seats cost a bond each: a stake serves as many as it covers, not one more', async () => {
    const { world, mesh } = await drawn()
    const bondWei = STAKE_WEI / 2n
    for (let turn = 0; turn < 2; turn++) {
      await anchor(world, roundOf(world, await redundantOrder(world, { bondWei }), [HONEST, HONEST, HONEST]))
    }
    const third = roundOf(world, await redundantOrder(world, { bondWei: 1n }), [HONEST, HONEST, HONEST])
    await expect(anchor(world, third))
      .to.be.revertedWithCustomError(mesh, 'InsufficientStake')
      .withArgs(1, 0, 1)
    await expectConserved(world, { escrowWei: 18n * 10n ** 18n, lockedWei: 6n * bondWei })
  })

  it('a stake split over many identities buys no seat below the minimum', async () => {
    const { world, mesh } = await drawn()
    await expect(
      connect(mesh, world.challenger).registerProvider(
        world.stranger.address,
        ethers.ZeroHash,
        '',
        PARAMS.minStakeWei - 1n,
      ),
    ).to.be.revertedWithCustomError(mesh, 'StakeBelowMinimum')
    await connect(mesh, world.provider(0).owner).startUnstake(1, STAKE_WEI - PARAMS.minStakeWei + 1n)
    const round = roundOf(world, await redundantOrder(world, { bondWei: 0n }), [HONEST, HONEST, HONEST])
    await expect(anchor(world, round)).to.be.revertedWithCustomError(mesh, 'ProviderInactive').withArgs(1)
  })

  it('a provider that was not drawn takes no seat by committing on chain', async () => {
    const { world, mesh, round } = await drawn()
    await expect(commitSeat(world, { ...round, ids: [5, 2, 3] }, 0))
      .to.be.revertedWithCustomError(mesh, 'NotSeated')
      .withArgs(5)
  })

  it('two colluding seats with their coordinator take one bond from the third at most, and burn half of it', async () => {
    const lie = ethers.id('a lie')
    const { world, mesh, order } = await drawn()
    const round = roundOf(world, order, [lie, HONEST, lie])
    const supplyWei = await world.token.totalSupply()
    await anchor(world, round)
    await open(world, round)
    expect((await mesh.providerOf(2)).stakedWei).to.equal(STAKE_WEI - BOND_WEI)
    expect(await world.freeOf(world.provider(1).owner)).to.equal(DEPOSIT_WEI - STAKE_WEI)
    expect(supplyWei - (await world.token.totalSupply())).to.equal(BOND_WEI / 2n)
    await expectConserved(world)
  })

  it('one lying seat of three decides nothing', async () => {
    const lie = ethers.id('a lie')
    const { world, mesh, order } = await drawn()
    const round = roundOf(world, order, [lie, HONEST, HONEST])
    await anchor(world, round)
    await passReveal()
    await open(world, round)
    expect((await mesh.providerOf(1)).stakedWei).to.equal(STAKE_WEI - BOND_WEI)
    for (const id of [2, 3]) expect((await mesh.providerOf(id)).stakedWei).to.equal(STAKE_WEI)
  })
})
