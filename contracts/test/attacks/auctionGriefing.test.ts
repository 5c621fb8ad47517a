import { expect } from 'chai'
import type { ContractTransactionResponse } from 'ethers'
import {
  type AuctionWorld,
  awarded,
  close,
  commit,
  loadAuctionWorld,
  opened,
  pass,
  reveal,
  settleBid,
  termsOf,
  withBids,
} from '../support/auction.ts'
import {
  at,
  connect,
  DEPOSIT_WEI,
  DUCK,
  ethers,
  networkHelpers,
  PRICE_WEI,
  STAKE_WEI,
} from '../support/mesh.ts'

const BIDS = [4n * DUCK, 6n * DUCK]

async function gasOf(sent: Promise<unknown>): Promise<bigint> {
  const receipt = await ((await sent) as ContractTransactionResponse).wait()
  return receipt?.gasUsed ?? 0n
}

/** Registers more providers, each owned by a new wallet with tokens, and gives their ids and owners. */
async function sybils(world: AuctionWorld, count: number) {
  const { token, mesh, auctionAddress } = world
  const made = []
  for (let i = 0; i < count; i++) {
    const owner = new ethers.Wallet(ethers.id(`sybil ${i}`), ethers.provider)
    await networkHelpers.setBalance(owner.address, 10n ** 18n)
    await token.transfer(owner.address, STAKE_WEI + PRICE_WEI)
    await connect(token, owner).approve(await mesh.getAddress(), STAKE_WEI)
    await connect(token, owner).approve(auctionAddress, PRICE_WEI)
    await connect(mesh, owner).deposit(STAKE_WEI)
    const key = ethers.computeAddress(ethers.id(`sybil key ${i}`))
    await connect(mesh, owner).registerProvider(key, ethers.id('profile'), 'http://sybil', STAKE_WEI)
    made.push({ id: Number(await mesh.providerCount()), owner })
  }
  return made
}

describe('Attack: many bids', () => {
  it('make no call dearer and keep nobody out', async () => {
    async function play(strangers: number) {
      const world = await loadAuctionWorld()
      const made = await sybils(world, 40)
      const open = await opened(world, { commitBy: (await networkHelpers.time.latest()) + 600 })
      await commit(world, open, 1, 5n * DUCK)
      for (const { id, owner } of made.slice(0, strangers)) await commit(world, open, id, 6n * DUCK, owner)
      const commits = await gasOf(commit(world, open, 2, 4n * DUCK) as Promise<unknown>)
      await pass(open.terms.commitBy)
      await reveal(world, open, 1, 5n * DUCK)
      for (const { id } of made.slice(0, strangers)) await reveal(world, open, id, 6n * DUCK)
      const reveals = await gasOf(reveal(world, open, 2, 4n * DUCK) as Promise<unknown>)
      const closes = await gasOf(close(world, open))
      const settles = await gasOf(settleBid(world, open, 1) as Promise<unknown>)
      return [commits, reveals, closes, settles]
    }
    const [few, many] = [await play(0), await play(40)]
    for (const [i, gas] of many.entries()) expect(Number(gas - (few[i] ?? 0n))).to.be.within(-100, 100)
  })
})

describe('Attack: a winner that does not accept', () => {
  it('pays the buyer for the lost time, and its deposit cannot be saved by a late accept', async () => {
    const world = await loadAuctionWorld()
    const { auction, mesh, token, requester } = world
    const award = await awarded(world, BIDS)
    await at(award.order.acceptBy + 1)
    await expect(
      connect(mesh, world.provider(0).key).acceptJob(award.order, 1),
    ).to.be.revertedWithCustomError(mesh, 'Expired')
    await mesh.expireJob(award.order)
    await settleBid(world, award, 1)
    await auction.reclaim(requester.address)
    expect(await token.balanceOf(requester.address)).to.equal(DEPOSIT_WEI + PRICE_WEI / 2n)
  })

  it('cannot hand the job to another provider', async () => {
    const world = await loadAuctionWorld()
    const { order } = await awarded(world, BIDS)
    await expect(connect(world.mesh, world.provider(1).key).acceptJob(order, 2))
      .to.be.revertedWithCustomError(world.mesh, 'WrongProvider')
      .withArgs(2, 1)
  })
})

describe('Attack: a buyer that wants the deposits', () => {
  it('sets deadlines that nobody can keep: refused', async () => {
    const world = await loadAuctionWorld()
    const market = connect(world.auction, world.requester)
    const fair = await termsOf(world)
    for (const terms of [
      { ...fair, revealBy: fair.commitBy },
      { ...fair, closeBy: fair.revealBy },
      { ...fair, order: { ...fair.order, acceptBy: fair.closeBy } },
    ]) {
      await expect(market.openAuction(terms)).to.be.revertedWithCustomError(market, 'WindowTooShort')
    }
  })

  it('closes when the winner no longer looks: after closeBy the winner owes nothing', async () => {
    const world = await loadAuctionWorld()
    const open = await withBids(world, BIDS)
    await pass(open.terms.closeBy)
    await connect(world.auction, world.requester).closeAuction(open.terms)
    await expect(settleBid(world, open, 1)).to.emit(world.auction, 'DepositReturned')
  })

  it('gets nothing of a bid that was kept from being revealed', async () => {
    const world = await loadAuctionWorld()
    const open = await withBids(world, [undefined])
    await close(world, open)
    await settleBid(world, open, 1)
    await world.auction.reclaim(world.requester.address)
    expect(await world.token.balanceOf(world.requester.address)).to.equal(DEPOSIT_WEI)
  })

  it('leaves: every call that gives a bidder its deposit is for anybody', async () => {
    const world = await loadAuctionWorld()
    const open = await withBids(world, BIDS)
    await close(world, open)
    const { priceWei } = await world.auction.auctionOf(open.auctionId)
    const order = { ...open.terms.order, providerId: 1, priceWei }
    await connect(world.mesh, world.provider(0).key).acceptJob(order, 1)
    for (const id of [1, 2]) await settleBid(world, open, id)
    for (const id of [1, 2]) {
      expect(await world.token.balanceOf(world.provider(id - 1).owner.address)).to.equal(DEPOSIT_WEI)
    }
  })
})
