import { expect } from 'chai'
import { expectConserved } from '../support/conservation.ts'
import {
  at,
  BOND_WEI,
  connect,
  DEPOSIT_WEI,
  DISPUTE_WINDOW,
  loadWorld,
  PRICE_WEI,
  STAKE_WEI,
  Status,
} from '../support/mesh.ts'
import { anchorArguments, HONEST, open, WRONG } from '../support/redundant.ts'
import { submitted } from '../support/signedLane.ts'
import { anchored, disputedJob, drawn, judge } from './scenario.ts'

describe('Attack: dust', () => {
  it('an anchor that the balance does not cover by one wei takes nothing and can be repeated', async () => {
    const { world, mesh, round, jobId } = await drawn(undefined, { priceWei: PRICE_WEI })
    const { requester } = world
    await connect(mesh, requester).withdraw(DEPOSIT_WEI - PRICE_WEI + 1n, requester.address)
    const args = await anchorArguments(world, round)
    await expect(mesh.anchorSeats(...args))
      .to.be.revertedWithCustomError(mesh, 'InsufficientFree')
      .withArgs(requester.address, PRICE_WEI - 1n, PRICE_WEI)
    expect(await mesh.nonceUsed(requester.address, round.order.nonce)).to.equal(false)
    await connect(mesh, requester).deposit(1)
    await mesh.anchorSeats(...args)
    expect((await mesh.jobOf(jobId)).status).to.equal(Status.anchored)
    await expectConserved(world, { escrowWei: PRICE_WEI, lockedWei: 3n * BOND_WEI })
  })

  it('a donated wei belongs to nobody, and stops neither deposits nor settlements', async () => {
    const { world, mesh, round } = await anchored()
    const { token, challenger, domain } = world
    await connect(token, challenger).transfer(domain.verifyingContract, 1)
    await connect(mesh, challenger).deposit(5)
    await open(world, round)
    expect(await world.freeOf(challenger)).to.equal(DEPOSIT_WEI + 5n)
    await expectConserved(world, { escrowWei: 1n })
  })

  it('a bond of one wei is burned whole', async () => {
    const { world, mesh, round, jobId } = await anchored([HONEST, HONEST, WRONG], { bondWei: 1n })
    await expect(open(world, round)).to.emit(mesh, 'ProviderSlashed').withArgs(3, jobId, 1, 0, 0, 1)
    expect((await mesh.providerOf(3)).stakedWei).to.equal(STAKE_WEI - 1n)
    await expectConserved(world)
  })

  it('a dispute bond of one wei is burned whole, and judges earn nothing', async () => {
    const { world, order } = await disputedJob(WRONG, { bondWei: 1n, priceWei: 1n })
    const round = await judge(world, order, [HONEST, HONEST, HONEST])
    const before = await world.freeOf(world.provider(3).owner)
    await open(world, round)
    expect(await world.freeOf(world.provider(3).owner)).to.equal(before)
    expect(await world.freeOf(world.requester)).to.equal(DEPOSIT_WEI)
    await expectConserved(world)
  })

  it('a price smaller than the number of seats goes back whole', async () => {
    const { world, round } = await anchored(undefined, { priceWei: 2n })
    await open(world, round)
    expect(await world.freeOf(world.requester)).to.equal(DEPOSIT_WEI)
    await expectConserved(world)
  })

  it('a price of zero and of one wei end like any other', async () => {
    for (const priceWei of [0n, 1n]) {
      const world = await loadWorld()
      const { order, submittedAt } = await submitted(world, { priceWei })
      await at(submittedAt + DISPUTE_WINDOW + 1)
      await world.mesh.finalizeJob(order)
      expect(await world.freeOf(world.provider(0).owner)).to.equal(DEPOSIT_WEI - STAKE_WEI + priceWei)
      await expectConserved(world)
    }
  })

  it('nobody else can add a wei to a stake on its way out, which would start its delay anew', async () => {
    const world = await loadWorld()
    const { mesh, challenger } = world
    await connect(mesh, world.provider(0).owner).startUnstake(1, BOND_WEI)
    const leavesAt = (await mesh.providerOf(1)).unstakeAt
    for (const call of ['stake', 'startUnstake'] as const) {
      await expect(connect(mesh, challenger)[call](1, 1)).to.be.revertedWithCustomError(mesh, 'NotOwner')
    }
    expect((await mesh.providerOf(1)).unstakeAt).to.equal(leavesAt)
  })
})
