import { expect } from 'chai'
import {
  AuctionStatus,
  awarded,
  close,
  commit,
  expectAuctionConserved,
  loadAuctionWorld,
  opened,
  pass,
  reveal,
  withBids,
} from '../support/auction.ts'
import { at, connect, DUCK, PRICE_WEI, Status } from '../support/mesh.ts'

const BIDS = [4n * DUCK, 6n * DUCK]

describe('Closing an auction', () => {
  it('posts the job for the winner at the second price, with the account of the buyer as requester', async () => {
    const world = await loadAuctionWorld()
    const { auction, mesh, account } = world
    const open = await withBids(world, BIDS)
    const order = { ...open.terms.order, providerId: 1, priceWei: 6n * DUCK }
    const jobId = world.jobIdOf(order)
    await expect(close(world, open))
      .to.emit(auction, 'AuctionAwarded')
      .withArgs(open.auctionId, jobId, 1, 4n * DUCK, 6n * DUCK)
      .and.to.emit(mesh, 'JobPosted')
      .withArgs(jobId, account, order.modelId, Object.values(order))
    expect((await mesh.jobOf(jobId)).status).to.equal(Status.open)
    expect((await auction.auctionOf(open.auctionId)).status).to.equal(AuctionStatus.awarded)
    expect(await mesh.accountOf(account)).to.equal(PRICE_WEI - 6n * DUCK)
    await expectAuctionConserved(world, { depositsWei: 2n * PRICE_WEI, escrowWei: 6n * DUCK })
  })

  it('spends the whole reserve price on the only bidder', async () => {
    const world = await loadAuctionWorld()
    const { order } = await awarded(world, [0n])
    expect(order.priceWei).to.equal(PRICE_WEI)
    expect(await world.mesh.accountOf(world.account)).to.equal(0n)
  })

  it('posts a job of price zero when two bidders ask for nothing', async () => {
    const world = await loadAuctionWorld()
    const { jobId } = await awarded(world, [0n, 0n])
    expect((await world.mesh.jobOf(jobId)).status).to.equal(Status.open)
    expect(await world.mesh.accountOf(world.account)).to.equal(PRICE_WEI)
  })

  it('waits for revealBy, to the second', async () => {
    const world = await loadAuctionWorld()
    const { terms } = await withBids(world, BIDS)
    await at(terms.revealBy)
    await expect(world.auction.closeAuction(terms))
      .to.be.revertedWithCustomError(world.auction, 'TooEarly')
      .withArgs(terms.revealBy)
    await at(terms.revealBy + 1)
    await world.auction.closeAuction(terms)
  })

  it('awards the job up to closeBy, to the second', async () => {
    const world = await loadAuctionWorld()
    const { terms } = await withBids(world, BIDS)
    await at(terms.closeBy)
    await expect(world.auction.closeAuction(terms)).to.emit(world.auction, 'AuctionAwarded')
  })

  it('lapses after closeBy: nobody owes anything', async () => {
    const world = await loadAuctionWorld()
    const { auction, mesh, account } = world
    const { terms, auctionId } = await withBids(world, BIDS)
    await at(terms.closeBy + 1)
    await expect(auction.closeAuction(terms)).to.emit(auction, 'AuctionLapsed').withArgs(auctionId)
    expect((await auction.auctionOf(auctionId)).status).to.equal(AuctionStatus.lapsed)
    expect(await mesh.accountOf(account)).to.equal(PRICE_WEI)
    await expectAuctionConserved(world, { depositsWei: 2n * PRICE_WEI })
  })

  it('lapses without any bid, and when no bid was revealed', async () => {
    for (const bids of [[], [undefined, undefined]]) {
      const world = await loadAuctionWorld()
      const open = await withBids(world, bids)
      await expect(close(world, open)).to.emit(world.auction, 'AuctionLapsed').withArgs(open.auctionId)
      expect(await world.mesh.accountOf(world.account)).to.equal(PRICE_WEI)
    }
  })

  it('happens once', async () => {
    const world = await loadAuctionWorld()
    const { terms, auctionId } = await awarded(world, BIDS)
    await expect(world.auction.closeAuction(terms))
      .to.be.revertedWithCustomError(world.auction, 'BadAuctionState')
      .withArgs(auctionId, AuctionStatus.awarded)
  })

  it('ends bidding', async () => {
    const world = await loadAuctionWorld()
    const closed = await awarded(world, BIDS)
    await expect(commit(world, closed, 3, DUCK))
      .to.be.revertedWithCustomError(world.auction, 'BadAuctionState')
      .withArgs(closed.auctionId, AuctionStatus.awarded)
  })

  it('of two auctions with one order nonce awards the first; the other lapses after closeBy', async () => {
    const world = await loadAuctionWorld()
    const { auction, mesh } = world
    const first = await opened(world)
    const second = await opened(world, {
      ...first.terms,
      order: { ...first.terms.order, inputHash: first.auctionId },
    })
    for (const open of [first, second]) await commit(world, open, 1, DUCK)
    await pass(first.terms.commitBy)
    for (const open of [first, second]) await reveal(world, open, 1, DUCK)
    await close(world, first)
    await expect(auction.closeAuction(second.terms))
      .to.be.revertedWithCustomError(mesh, 'NonceUsed')
      .withArgs(world.account, first.terms.order.nonce)
    await pass(second.terms.closeBy)
    await auction.closeAuction(second.terms)
    await auction.settleBid(second.terms, 1)
    await expectAuctionConserved(world, { depositsWei: PRICE_WEI, escrowWei: PRICE_WEI })
  })
})

describe('Cancelling an award', () => {
  it('takes the job back and gives everybody everything', async () => {
    const world = await loadAuctionWorld()
    const { auction, mesh, requester, account } = world
    const award = await awarded(world, BIDS)
    await expect(connect(auction, requester).cancelAward(award.terms))
      .to.emit(auction, 'AuctionLapsed')
      .withArgs(award.auctionId)
      .and.to.emit(mesh, 'JobRefunded')
      .withArgs(award.jobId, 6n * DUCK)
    expect((await mesh.jobOf(award.jobId)).status).to.equal(Status.refunded)
    expect(await mesh.accountOf(account)).to.equal(PRICE_WEI)
    for (const id of [1, 2])
      await expect(auction.settleBid(award.terms, id)).to.emit(auction, 'DepositReturned')
    await expectAuctionConserved(world)
  })

  it('is for the buyer only', async () => {
    const world = await loadAuctionWorld()
    const { auction, stranger, account } = world
    const { terms } = await awarded(world, BIDS)
    await expect(connect(auction, stranger).cancelAward(terms))
      .to.be.revertedWithCustomError(auction, 'WrongAccount')
      .withArgs(account, await auction.accountOf(stranger.address))
  })

  it('is too late when the winner accepted, or when the job expired', async () => {
    const world = await loadAuctionWorld()
    const { auction, mesh, requester } = world
    const taken = await awarded(world, BIDS)
    await connect(mesh, world.provider(0).key).acceptJob(taken.order, 1)
    await expect(connect(auction, requester).cancelAward(taken.terms))
      .to.be.revertedWithCustomError(mesh, 'BadState')
      .withArgs(taken.jobId, Status.active)
    const ignored = await awarded(world, BIDS)
    await pass(ignored.order.acceptBy)
    await mesh.expireJob(ignored.order)
    await expect(connect(auction, requester).cancelAward(ignored.terms))
      .to.be.revertedWithCustomError(mesh, 'BadState')
      .withArgs(ignored.jobId, Status.refunded)
  })

  it('means nothing before the award and after a cancellation', async () => {
    const world = await loadAuctionWorld()
    const market = connect(world.auction, world.requester)
    const open = await withBids(world, BIDS)
    await expect(market.cancelAward(open.terms))
      .to.be.revertedWithCustomError(market, 'BadAuctionState')
      .withArgs(open.auctionId, AuctionStatus.open)
    await close(world, open)
    await market.cancelAward(open.terms)
    await expect(market.cancelAward(open.terms))
      .to.be.revertedWithCustomError(market, 'BadAuctionState')
      .withArgs(open.auctionId, AuctionStatus.lapsed)
  })
})
