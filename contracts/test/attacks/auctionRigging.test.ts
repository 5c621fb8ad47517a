import { expect } from 'chai'
import {
  auctionArguments,
  auctionOrder,
  type Bid,
  FOUR_BIDS,
  packBids,
  settleAuction,
  signResult,
} from '../support/auctionLane.ts'
import { expectConserved } from '../support/conservation.ts'
import { netOf } from '../support/fees.ts'
import {
  connect,
  DEPOSIT_WEI,
  DUCK,
  EXEC_WINDOW,
  loadWorld,
  PRICE_WEI,
  STAKE_WEI,
  time,
} from '../support/mesh.ts'
import { HONEST } from '../support/redundant.ts'
import { receiptOf, settle, signReceipt } from '../support/settling.ts'

const HONEST_WEI = 4n * DUCK

async function paidFor(bids: readonly Bid[], winner: number): Promise<bigint> {
  const world = await loadWorld()
  await settleAuction(world, await auctionOrder(world), bids, winner)
  await expectConserved(world)
  return DEPOSIT_WEI - (await world.freeOf(world.requester))
}

describe('Attack: rigging an auction', () => {
  it('by a shill bid of the buyer lowers what the winner gets, never below its own bid', async () => {
    for (const shillWei of [2n * DUCK, 3n * DUCK, 4n * DUCK, 6n * DUCK]) {
      const paidWei = await paidFor([...FOUR_BIDS, [7, shillWei]], 3)
      expect(paidWei).to.be.at.least(2n * DUCK)
      expect(paidWei).to.be.at.most(HONEST_WEI)
    }
  })

  it('by a shill bid that wins pays the shill what it would have saved, and no honest bidder loses', async () => {
    const world = await loadWorld()
    await settleAuction(world, await auctionOrder(world), [...FOUR_BIDS, [7, DUCK]], 7)
    expect(await world.freeOf(world.provider(6).owner)).to.equal(DEPOSIT_WEI - STAKE_WEI + netOf(2n * DUCK))
    expect((await world.mesh.providerOf(3)).stakedWei).to.equal(STAKE_WEI)
  })

  it('by leaving out bids raises the price, never above what the buyer signed', async () => {
    const winner: Bid = [3, 2n * DUCK]
    expect(await paidFor([winner], 3)).to.equal(PRICE_WEI)
    expect(await paidFor([[1, 7n * DUCK], winner], 3)).to.equal(7n * DUCK)
  })

  it('by a bid above the price of the order changes nothing', async () => {
    expect(await paidFor([...FOUR_BIDS, [7, 1_000_000n * DUCK]], 3)).to.equal(HONEST_WEI)
  })

  it('by choosing among the bids is refused: the contract finds winner and price in the signed list', async () => {
    const world = await loadWorld()
    const { mesh } = world
    const order = await auctionOrder(world)
    const args = await auctionArguments(world, order)
    for (const id of [1, 2, 4]) {
      await expect(connect(mesh, world.provider(id - 1).key).settleAuction(...args))
        .to.be.revertedWithCustomError(mesh, 'NotProvider')
        .withArgs(3, world.provider(id - 1).key.address)
    }
    const better = packBids(FOUR_BIDS.filter(([id]) => id !== 2))
    await expect(connect(mesh, world.provider(2).key).settleAuction(order, args[1], better, args[3], HONEST))
      .to.be.revertedWithCustomError(mesh, 'BadSignature')
      .withArgs(world.coordinator.address)
  })

  it('by the list of another order, or another coordinator, is refused', async () => {
    const world = await loadWorld()
    const { mesh } = world
    const [order, other] = [await auctionOrder(world), await auctionOrder(world)]
    const [, orderSig, bids] = await auctionArguments(world, order)
    const winner = connect(mesh, world.provider(2).key)
    for (const resultSig of [
      await signResult(world, other, bids),
      await signResult(world, order, bids, world.provider(2).owner),
    ]) {
      await expect(winner.settleAuction(order, orderSig, bids, resultSig, HONEST))
        .to.be.revertedWithCustomError(mesh, 'BadSignature')
        .withArgs(world.coordinator.address)
    }
  })

  it('by a winner that delivers nothing costs the buyer time only: nothing was in escrow', async () => {
    const world = await loadWorld()
    const order = await auctionOrder(world)
    const args = await auctionArguments(world, order)
    await time.increaseTo(order.acceptBy + EXEC_WINDOW)
    await expect(
      connect(world.mesh, world.provider(2).key).settleAuction(...args),
    ).to.be.revertedWithCustomError(world.mesh, 'Expired')
    expect(await world.freeOf(world.requester)).to.equal(DEPOSIT_WEI)
  })

  it('by taking the whole price through another lane is refused: the order says that it is an auction', async () => {
    const world = await loadWorld()
    const order = await auctionOrder(world)
    await expect(settle(world, order, { providerId: 3 }))
      .to.be.revertedWithCustomError(world.mesh, 'UnsupportedMode')
      .withArgs(5)
    await expect(connect(world.mesh, world.requester).postJob(order))
      .to.be.revertedWithCustomError(world.mesh, 'UnsupportedMode')
      .withArgs(5)
    const asSigned = { ...order, mode: 0 }
    const [, signature] = await auctionArguments(world, order)
    const receipt = receiptOf(world, asSigned, { providerId: 3 })
    await expect(world.mesh.settle(asSigned, signature, receipt, await signReceipt(world, receipt)))
      .to.be.revertedWithCustomError(world.mesh, 'BadSignature')
      .withArgs(world.requester.address)
  })
})
