import { expect } from 'chai'
import { expectConserved } from '../support/conservation.ts'
import { at, BOND_WEI, connect, DEPOSIT_WEI, loadWorld, PARAMS, STAKE_WEI, time } from '../support/mesh.ts'
import { anchor, open, redundantOrder, roundOf } from '../support/redundant.ts'
import { post } from '../support/signedLane.ts'
import { AGREED, drawn } from './scenario.ts'

describe('Attack: an order with hostile terms', () => {
  it('a reveal window of nothing lets anybody slash the seats one second later: nodes must refuse such orders', async () => {
    const { world, mesh, round } = await drawn(AGREED, { execWindow: 0 })
    await anchor(world, round)
    await at((await time.latest()) + 1)
    await open(world, round, [])
    for (const id of [1, 2, 3]) expect((await mesh.providerOf(id)).stakedWei).to.equal(STAKE_WEI - BOND_WEI)
    // Half burns, so the requester gets no more than the other half, and the price stays in escrow for a reseating.
    expect(await world.freeOf(world.requester)).to.equal(
      DEPOSIT_WEI - round.order.priceWei + (3n * BOND_WEI) / 2n,
    )
    await expectConserved(world, { escrowWei: round.order.priceWei })
  })

  it('a bond above the stake binds nobody', async () => {
    const { world, mesh, round } = await drawn(AGREED, { bondWei: STAKE_WEI + 1n })
    await expect(anchor(world, round)).to.be.revertedWithCustomError(mesh, 'InsufficientStake')
    await expectConserved(world)
  })

  it('the largest values of every field fail without moving anything', async () => {
    const world = await loadWorld()
    const { mesh, requester } = world
    const max = 2n ** 96n - 1n
    const market = connect(mesh, requester)
    await expect(market.postJob(await world.orderOf({ priceWei: max }))).to.be.revertedWithCustomError(
      mesh,
      'InsufficientFree',
    )
    const endless = [{ execWindow: 2 ** 32 - 1 }, { disputeWindow: 2 ** 32 - 1 }, { acceptBy: 2 ** 40 - 1 }]
    for (const overrides of endless) {
      await expect(market.postJob(await world.orderOf(overrides))).to.be.revertedWithCustomError(
        mesh,
        'LifeTooLong',
      )
      const round = roundOf(world, await redundantOrder(world, overrides), AGREED)
      if (overrides.disputeWindow === undefined) {
        await expect(anchor(world, round)).to.be.revertedWithCustomError(mesh, 'LifeTooLong')
      }
    }
    await expectConserved(world)
  })

  it('a bond of the largest value locks a provider nowhere', async () => {
    const world = await loadWorld()
    const order = await post(world, { bondWei: 2n ** 96n - 1n })
    await expect(
      connect(world.mesh, world.provider(0).key).acceptJob(order, 1),
    ).to.be.revertedWithCustomError(world.mesh, 'InsufficientStake')
    expect((await world.mesh.providerOf(1)).stakedWei).to.be.at.least(PARAMS.minStakeWei)
  })
})
