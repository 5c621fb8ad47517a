import { expect } from 'chai'
import {
  commit,
  commitmentOf,
  loadAuctionWorld,
  type Opened,
  opened,
  pass,
  type ReverseAuction,
  reveal,
  saltOf,
  settleBid,
} from '../support/auction.ts'
import { connect, DUCK, ethers, PRICE_WEI, SUPPLY_WEI } from '../support/mesh.ts'

const BID_WEI = 4n * DUCK

describe('Attack: somebody uses the bid of another', () => {
  it('copies a commitment: it can never be revealed, and its deposit burns', async () => {
    const world = await loadAuctionWorld()
    const { auction } = world
    const open = await opened(world)
    await commit(world, open, 1, BID_WEI)
    const copied = commitmentOf(open, 1, BID_WEI)
    await connect(auction, world.provider(1).owner).commitBid(open.terms, 2, copied)
    await pass(open.terms.commitBy)
    await reveal(world, open, 1, BID_WEI)
    await expect(
      auction.revealBid(open.terms, 2, BID_WEI, saltOf(open.auctionId, 1)),
    ).to.be.revertedWithCustomError(auction, 'BadReveal')
    await pass(open.terms.revealBy)
    await auction.closeAuction(open.terms)
    await settleBid(world, open, 2)
    expect(await world.token.totalSupply()).to.equal(SUPPLY_WEI - PRICE_WEI)
  })

  it('brings a commitment before its owner does: only the provider itself may commit', async () => {
    const world = await loadAuctionWorld()
    const open = await opened(world)
    const { owner } = world.provider(1)
    await expect(commit(world, open, 1, BID_WEI, owner))
      .to.be.revertedWithCustomError(world.auction, 'NotProvider')
      .withArgs(1, owner.address)
  })

  it('brings a reveal before its owner does: the bid is revealed, which is all that its owner wanted', async () => {
    const world = await loadAuctionWorld()
    const { auction, provider } = world
    const open = await opened(world)
    await commit(world, open, 1, BID_WEI)
    await pass(open.terms.commitBy)
    const salt = saltOf(open.auctionId, 1)
    await connect(auction, provider(1).owner).revealBid(open.terms, 1, BID_WEI, salt)
    const { winnerId, bestWei } = await auction.auctionOf(open.auctionId)
    expect([winnerId, bestWei]).to.deep.equal([1n, BID_WEI])
  })

  it('answers a reveal with a lower bid: commits are over by then', async () => {
    const world = await loadAuctionWorld()
    const open = await opened(world)
    await commit(world, open, 1, BID_WEI)
    await pass(open.terms.commitBy)
    await reveal(world, open, 1, BID_WEI)
    await expect(commit(world, open, 2, BID_WEI - 1n))
      .to.be.revertedWithCustomError(world.auction, 'Expired')
      .withArgs(open.terms.commitBy)
  })
})

describe('Attack: a bid is replayed', () => {
  it('in another auction of the same buyer: price and salt open nothing there', async () => {
    const world = await loadAuctionWorld()
    const { auction } = world
    const first = await opened(world)
    const second = await opened(world)
    await commit(world, first, 1, BID_WEI)
    // The provider is careless and sends the commitment of the first auction to the second one.
    const owner = connect(auction, world.provider(0).owner)
    await owner.commitBid(second.terms, 1, commitmentOf(first, 1, BID_WEI))
    await pass(second.terms.commitBy)
    await expect(
      auction.revealBid(second.terms, 1, BID_WEI, saltOf(first.auctionId, 1)),
    ).to.be.revertedWithCustomError(auction, 'BadReveal')
    await reveal(world, first, 1, BID_WEI)
  })

  it('in another deployment: the same terms have another name there', async () => {
    const world = await loadAuctionWorld()
    const open = await opened(world)
    const twin = await ethers.deployContract('ReverseAuction', [await world.mesh.getAddress()])
    expect(await (twin as unknown as ReverseAuction).auctionIdOf(open.terms)).to.not.equal(open.auctionId)
  })

  it('with terms changed by a single second: no such auction was opened', async () => {
    const world = await loadAuctionWorld()
    const open = await opened(world)
    await commit(world, open, 1, BID_WEI)
    const terms = { ...open.terms, revealBy: open.terms.revealBy + 1 }
    const forged: Opened = { ...open, terms }
    await pass(open.terms.commitBy)
    await expect(reveal(world, forged, 1, BID_WEI)).to.be.revertedWithCustomError(
      world.auction,
      'BadAuctionState',
    )
  })
})
