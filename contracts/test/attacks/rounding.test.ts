import { expect } from 'chai'
import { expectConserved } from '../support/conservation.ts'
import { collectedWei, feeOf } from '../support/fees.ts'
import { at, connect, DEPOSIT_WEI, DISPUTE_WINDOW, EXEC_WINDOW, STAKE_WEI, time } from '../support/mesh.ts'
import { HONEST, open, WRONG } from '../support/redundant.ts'
import { accepted, submitted } from '../support/signedLane.ts'
import { anchored, disputedJob, drawn, judge } from './scenario.ts'

/** Amounts around every divisor in use: 2, 3, 5, 40 (the fee of 2.5 %) and their products. */
const ODD_AMOUNTS_WEI = [1n, 2n, 3n, 4n, 7n, 39n, 40n, 41n, 119n, 121n, 12_345_678_901n]

describe('Attack: rounding', () => {
  it('a redundant price is divided without a wei made or lost, and the fee never rounds up', async () => {
    for (const priceWei of ODD_AMOUNTS_WEI) {
      const { world, round } = await anchored([HONEST, WRONG, HONEST, HONEST, WRONG], {
        priceWei,
        bondWei: 3n,
      })
      await open(world, round)
      const treasuryWei = await collectedWei(world)
      expect(treasuryWei).to.equal(3n * feeOf(priceWei / 5n))
      const earnedWei = (await world.freeOf(world.provider(0).owner)) - (DEPOSIT_WEI - STAKE_WEI)
      const backWei = (await world.freeOf(world.requester)) - (DEPOSIT_WEI - priceWei)
      // Two minority bonds of 3 wei: 2 wei of each burn, 1 wei of each goes to the requester.
      expect(3n * earnedWei + treasuryWei + backWei).to.equal(priceWei + 2n)
      await expectConserved(world)
    }
  })

  it('a directed price is divided into provider and fee, whole', async () => {
    for (const priceWei of ODD_AMOUNTS_WEI) {
      const { world } = await drawn()
      const { order, submittedAt } = await submitted(world, { priceWei })
      await at(submittedAt + DISPUTE_WINDOW + 1)
      await world.mesh.finalizeJob(order)
      const feeWei = await collectedWei(world)
      const paidWei = (await world.freeOf(world.provider(0).owner)) - (DEPOSIT_WEI - STAKE_WEI)
      expect(feeWei + paidWei).to.equal(priceWei)
      expect(feeWei).to.equal(feeOf(priceWei))
    }
  })

  it('a late bond and a lost dispute burn at least half, whatever the amount', async () => {
    for (const bondWei of ODD_AMOUNTS_WEI) {
      const { world } = await drawn()
      const supplyWei: bigint = await world.token.totalSupply()
      const order = await accepted(world, { bondWei })
      await at((await time.latest()) + EXEC_WINDOW + 1)
      await connect(world.mesh, world.stranger).expireJob(order)
      const lateWei = supplyWei - BigInt(await world.token.totalSupply())
      expect(2n * lateWei).to.be.at.least(bondWei)
      await expectConserved(world)

      const dispute = await disputedJob(WRONG, { bondWei })
      const beforeWei: bigint = await dispute.world.token.totalSupply()
      const round = await judge(dispute.world, dispute.order, [HONEST, HONEST, HONEST])
      await open(dispute.world, round)
      const lostWei = beforeWei - BigInt(await dispute.world.token.totalSupply())
      expect(2n * lostWei).to.be.at.least(bondWei)
      await expectConserved(dispute.world)
    }
  })

  it('the last withdrawal after many odd payments and slashes leaves nothing behind', async () => {
    const { world, mesh, round } = await anchored([HONEST, WRONG, HONEST], { priceWei: 121n, bondWei: 7n })
    await open(world, round)
    const { owner } = world.provider(1)
    await connect(mesh, owner).startUnstake(2, STAKE_WEI - 7n)
    await at(Number((await mesh.providerOf(2)).unstakeAt))
    await connect(mesh, owner).finishUnstake(2, owner.address)
    await connect(mesh, owner).withdraw(await world.freeOf(owner), owner.address)
    const provider = await mesh.providerOf(2)
    expect([provider.stakedWei, provider.unstakingWei, await world.freeOf(owner)]).to.deep.equal([0n, 0n, 0n])
    await expectConserved(world)
  })
})
