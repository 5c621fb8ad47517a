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
  settleBid,
  withBids,
} from '../support/auction.ts'
import {
  at,
  connect,
  DEPOSIT_WEI,
  DISPUTE_WINDOW,
  DUCK,
  EXEC_WINDOW,
  PRICE_WEI,
  Status,
  SUPPLY_WEI,
  time,
} from '../support/mesh.ts'
import { anchor, HONEST, open, roundOf, WRONG } from '../support/redundant.ts'

const BIDS = [4n * DUCK, 6n * DUCK]

describe('The deposit of a bid', () => {
  it('of a loser returns to the owner of the provider, for anybody who asks', async () => {
    const world = await loadAuctionWorld()
    const { auction, token } = world
    const award = await awarded(world, BIDS)
    const { owner } = world.provider(1)
    await expect(settleBid(world, award, 2))
      .to.emit(auction, 'DepositReturned')
      .withArgs(award.auctionId, 2, owner.address, PRICE_WEI)
    expect(await token.balanceOf(owner.address)).to.equal(DEPOSIT_WEI)
    await expectAuctionConserved(world, { depositsWei: PRICE_WEI, escrowWei: 6n * DUCK })
  })

  it('that the signing key paid returns to the owner', async () => {
    const world = await loadAuctionWorld()
    const { token } = world
    const { key, owner } = world.provider(0)
    await connect(token, owner).transfer(key.address, PRICE_WEI)
    await connect(token, key).approve(world.auctionAddress, PRICE_WEI)
    const open = await opened(world)
    await commit(world, open, 1, DUCK, key)
    await pass(open.terms.commitBy)
    await reveal(world, open, 1, DUCK)
    await pass(open.terms.closeBy)
    await world.auction.closeAuction(open.terms)
    await settleBid(world, open, 1)
    expect(await token.balanceOf(owner.address)).to.equal(DEPOSIT_WEI)
  })

  it('is settled once', async () => {
    const world = await loadAuctionWorld()
    const award = await awarded(world, BIDS)
    await settleBid(world, award, 2)
    await expect(settleBid(world, award, 2))
      .to.be.revertedWithCustomError(world.auction, 'NoBid')
      .withArgs(award.auctionId, 2)
  })

  it('of a provider without bid does not exist', async () => {
    const world = await loadAuctionWorld()
    const award = await awarded(world, BIDS)
    await expect(settleBid(world, award, 3))
      .to.be.revertedWithCustomError(world.auction, 'NoBid')
      .withArgs(award.auctionId, 3)
  })

  it('stays until the auction is closed', async () => {
    const world = await loadAuctionWorld()
    const open = await withBids(world, BIDS)
    await expect(settleBid(world, open, 2))
      .to.be.revertedWithCustomError(world.auction, 'BadAuctionState')
      .withArgs(open.auctionId, AuctionStatus.open)
  })

  it('of a bid that was not revealed is burned whole', async () => {
    const world = await loadAuctionWorld()
    const { auction, token, mesh } = world
    const award = await awarded(world, [4n * DUCK, undefined])
    const buyerWei = await mesh.accountOf(world.account)
    await expect(settleBid(world, award, 2))
      .to.emit(auction, 'DepositForfeited')
      .withArgs(award.auctionId, 2, PRICE_WEI, 0)
    expect(await token.totalSupply()).to.equal(SUPPLY_WEI - PRICE_WEI)
    expect(await mesh.accountOf(world.account)).to.equal(buyerWei)
    await expectAuctionConserved(world, { depositsWei: PRICE_WEI, escrowWei: PRICE_WEI })
  })

  it('of a bid that was not revealed is burned also when the auction lapses', async () => {
    const world = await loadAuctionWorld()
    const open = await withBids(world, [undefined])
    await close(world, open)
    await settleBid(world, open, 1)
    expect(await world.token.totalSupply()).to.equal(SUPPLY_WEI - PRICE_WEI)
    await expectAuctionConserved(world)
  })

  it('of every revealed bid returns when the auction lapses', async () => {
    const world = await loadAuctionWorld()
    const { terms, auctionId } = await withBids(world, BIDS)
    await pass(terms.closeBy)
    await world.auction.closeAuction(terms)
    for (const id of [1, 2]) await settleBid(world, { terms, auctionId }, id)
    expect(await world.token.balanceOf(world.provider(0).owner.address)).to.equal(DEPOSIT_WEI)
    await expectAuctionConserved(world)
  })
})

describe("The winner's deposit", () => {
  it('waits while the job can be accepted', async () => {
    const world = await loadAuctionWorld()
    const award = await awarded(world, BIDS)
    await at(award.order.acceptBy)
    await expect(settleBid(world, award, 1))
      .to.be.revertedWithCustomError(world.mesh, 'TooEarly')
      .withArgs(award.order.acceptBy)
  })

  it('returns when the job is accepted, to the last second of acceptBy', async () => {
    const world = await loadAuctionWorld()
    const award = await awarded(world, BIDS)
    await at(award.order.acceptBy)
    await connect(world.mesh, world.provider(0).key).acceptJob(award.order, 1)
    await expect(settleBid(world, award, 1)).to.emit(world.auction, 'DepositReturned')
  })

  it('is lost when the job is not accepted in time: half burned, half for the buyer', async () => {
    const world = await loadAuctionWorld()
    const { auction, mesh, token, account } = world
    const award = await awarded(world, BIDS)
    await at(award.order.acceptBy + 1)
    await expect(
      connect(mesh, world.provider(0).key).acceptJob(award.order, 1),
    ).to.be.revertedWithCustomError(mesh, 'Expired')
    await mesh.expireJob(award.order)
    await expect(settleBid(world, award, 1))
      .to.emit(auction, 'DepositForfeited')
      .withArgs(award.auctionId, 1, PRICE_WEI / 2n, PRICE_WEI / 2n)
    expect(await token.totalSupply()).to.equal(SUPPLY_WEI - PRICE_WEI / 2n)
    expect(await mesh.accountOf(account)).to.equal(PRICE_WEI + PRICE_WEI / 2n)
    await expectAuctionConserved(world, { depositsWei: PRICE_WEI })
  })

  it('is lost in the second after acceptBy, and the same call expires the job', async () => {
    const world = await loadAuctionWorld()
    const { auction, mesh } = world
    const award = await awarded(world, BIDS)
    await at(award.order.acceptBy + 1)
    await expect(settleBid(world, award, 1))
      .to.emit(auction, 'DepositForfeited')
      .and.to.emit(mesh, 'JobExpired')
      .withArgs(award.jobId, 6n * DUCK)
    expect(await mesh.accountOf(world.account)).to.equal(PRICE_WEI + PRICE_WEI / 2n)
    await expectAuctionConserved(world, { depositsWei: PRICE_WEI })
  })

  it('of one or three wei is burned by the larger half', async () => {
    for (const [priceWei, burnedWei] of [
      [1n, 1n],
      [3n, 2n],
    ] as const) {
      const world = await loadAuctionWorld()
      const award = await awarded(world, [0n], { order: { priceWei } })
      await pass(award.order.acceptBy)
      await world.mesh.expireJob(award.order)
      await expect(settleBid(world, award, 1))
        .to.emit(world.auction, 'DepositForfeited')
        .withArgs(award.auctionId, 1, burnedWei, priceWei - burnedWei)
      await expectAuctionConserved(world)
    }
  })

  it('returns when the winner accepted and delivered late: that costs the bond', async () => {
    const world = await loadAuctionWorld()
    const award = await awarded(world, BIDS)
    await connect(world.mesh, world.provider(0).key).acceptJob(award.order, 1)
    await time.increase(EXEC_WINDOW + 1)
    await world.mesh.expireJob(award.order)
    await expect(settleBid(world, award, 1)).to.emit(world.auction, 'DepositReturned')
  })

  it('returns when the buyer was refunded after a dispute: that costs the bond', async () => {
    const world = await loadAuctionWorld()
    const award = await awarded(world, BIDS)
    const market = connect(world.mesh, world.provider(0).key)
    await market.acceptJob(award.order, 1)
    await market.submitResult(award.jobId, WRONG)
    await connect(world.mesh, world.challenger).disputeJob(award.order, HONEST)
    const judged = roundOf(world, award.order, [HONEST, HONEST, HONEST], { round: 2, ids: [4, 5, 6] })
    await anchor(world, judged)
    await open(world, judged)
    expect((await world.mesh.jobOf(award.jobId)).status).to.equal(Status.refunded)
    await expect(settleBid(world, award, 1)).to.emit(world.auction, 'DepositReturned')
  })

  it('returns when the job is paid', async () => {
    const world = await loadAuctionWorld()
    const award = await awarded(world, BIDS)
    const market = connect(world.mesh, world.provider(0).key)
    await market.acceptJob(award.order, 1)
    await market.submitResult(award.jobId, HONEST)
    await time.increase(DISPUTE_WINDOW + 1)
    await market.finalizeJob(award.order)
    await expect(settleBid(world, award, 1)).to.emit(world.auction, 'DepositReturned')
  })
})
