import { expect } from 'chai'
import {
  AuctionStatus,
  BidStatus,
  commit,
  commitmentOf,
  expectAuctionConserved,
  loadAuctionWorld,
  opened,
  pass,
  reveal,
  saltOf,
  withBids,
} from '../support/auction.ts'
import { at, connect, DEPOSIT_WEI, DUCK, ethers, PRICE_WEI, STAKE_WEI } from '../support/mesh.ts'

const tagOf = (commitment: string) => BigInt(commitment) >> 32n

describe('Committing a bid', () => {
  it('deposits the reserve price of the caller and keeps the commitment in its order', async () => {
    const world = await loadAuctionWorld()
    const { auction, token } = world
    const open = await opened(world)
    for (const id of [2, 1]) {
      await expect(commit(world, open, id, 4n * DUCK))
        .to.emit(auction, 'BidCommitted')
        .withArgs(open.auctionId, id, commitmentOf(open, id, 4n * DUCK))
    }
    expect((await auction.bidOf(open.auctionId, 1)).toObject()).to.deep.equal({
      status: BidStatus.sealed,
      rank: 2n,
      tag: tagOf(commitmentOf(open, 1, 4n * DUCK)),
    })
    expect((await auction.auctionOf(open.auctionId)).bids).to.equal(2n)
    expect(await token.balanceOf(world.provider(0).owner.address)).to.equal(DEPOSIT_WEI - PRICE_WEI)
    await expectAuctionConserved(world, { depositsWei: 2n * PRICE_WEI, reservesWei: PRICE_WEI })
  })

  it('is for owner and signing key of the provider', async () => {
    const world = await loadAuctionWorld()
    const { token, auction, auctionAddress, stranger } = world
    const { key, owner } = world.provider(0)
    const open = await opened(world)
    for (const sender of [stranger, world.provider(1).owner]) {
      await expect(commit(world, open, 1, DUCK, sender))
        .to.be.revertedWithCustomError(auction, 'NotProvider')
        .withArgs(1, sender.address)
    }
    await connect(token, owner).transfer(key.address, PRICE_WEI)
    await connect(token, key).approve(auctionAddress, PRICE_WEI)
    await commit(world, open, 1, DUCK, key)
    expect(await token.balanceOf(key.address)).to.equal(0n)
  })

  it('refuses a provider that does not exist', async () => {
    const world = await loadAuctionWorld()
    const open = await opened(world)
    for (const id of [0, 99]) {
      await expect(connect(world.auction, world.stranger).commitBid(open.terms, id, ethers.id('any')))
        .to.be.revertedWithCustomError(world.auction, 'NotProvider')
        .withArgs(id, world.stranger.address)
    }
  })

  it('refuses a provider whose stake is below the minimum', async () => {
    const world = await loadAuctionWorld()
    const open = await opened(world)
    await connect(world.mesh, world.provider(0).owner).startUnstake(1, STAKE_WEI)
    await expect(commit(world, open, 1, DUCK))
      .to.be.revertedWithCustomError(world.auction, 'ProviderInactive')
      .withArgs(1)
  })

  it('takes one bid of a provider', async () => {
    const world = await loadAuctionWorld()
    const open = await opened(world)
    await commit(world, open, 1, DUCK)
    await expect(commit(world, open, 1, 2n * DUCK))
      .to.be.revertedWithCustomError(world.auction, 'AlreadyBid')
      .withArgs(open.auctionId, 1)
  })

  it('is possible up to commitBy, to the second', async () => {
    const world = await loadAuctionWorld()
    const open = await opened(world)
    await at(open.terms.commitBy)
    await commit(world, open, 1, DUCK)
    await at(open.terms.commitBy + 1)
    await expect(commit(world, open, 2, DUCK))
      .to.be.revertedWithCustomError(world.auction, 'Expired')
      .withArgs(open.terms.commitBy)
  })

  it('refuses an auction that was never opened', async () => {
    const world = await loadAuctionWorld()
    const open = await opened(world)
    const terms = { ...open.terms, closeBy: open.terms.closeBy + 1 }
    const unknown = { terms, auctionId: await world.auction.auctionIdOf(terms) }
    await expect(commit(world, unknown, 1, DUCK))
      .to.be.revertedWithCustomError(world.auction, 'BadAuctionState')
      .withArgs(unknown.auctionId, AuctionStatus.none)
  })

  it('refuses a bid without the tokens of its deposit', async () => {
    const world = await loadAuctionWorld()
    const open = await opened(world)
    await expect(commit(world, open, 1, DUCK, world.provider(0).key)).to.be.revertedWithCustomError(
      world.token,
      'ERC20InsufficientAllowance',
    )
  })
})

describe('Revealing a bid', () => {
  it('is possible for anybody from the second after commitBy up to revealBy', async () => {
    const world = await loadAuctionWorld()
    const { auction } = world
    const open = await opened(world)
    for (const id of [1, 2, 3]) await commit(world, open, id, 4n * DUCK)
    await at(open.terms.commitBy)
    await expect(reveal(world, open, 1, 4n * DUCK))
      .to.be.revertedWithCustomError(auction, 'TooEarly')
      .withArgs(open.terms.commitBy)
    await at(open.terms.commitBy + 1)
    await expect(reveal(world, open, 1, 4n * DUCK))
      .to.emit(auction, 'BidRevealed')
      .withArgs(open.auctionId, 1, 4n * DUCK)
    expect((await auction.bidOf(open.auctionId, 1)).status).to.equal(BidStatus.revealed)
    await at(open.terms.revealBy)
    await reveal(world, open, 2, 4n * DUCK)
    await at(open.terms.revealBy + 1)
    await expect(reveal(world, open, 3, 4n * DUCK))
      .to.be.revertedWithCustomError(auction, 'Expired')
      .withArgs(open.terms.revealBy)
  })

  it('refuses another price, another salt and another provider than committed', async () => {
    const world = await loadAuctionWorld()
    const { auction } = world
    const open = await opened(world)
    await commit(world, open, 1, 4n * DUCK)
    await commit(world, open, 2, 4n * DUCK)
    await pass(open.terms.commitBy)
    await expect(reveal(world, open, 1, 4n * DUCK + 1n))
      .to.be.revertedWithCustomError(auction, 'BadReveal')
      .withArgs(open.auctionId, 1)
    await expect(
      auction.revealBid(open.terms, 1, 4n * DUCK, ethers.id('another')),
    ).to.be.revertedWithCustomError(auction, 'BadReveal')
    await expect(
      auction.revealBid(open.terms, 2, 4n * DUCK, saltOf(open.auctionId, 1)),
    ).to.be.revertedWithCustomError(auction, 'BadReveal')
  })

  it('refuses a provider without bid, and a second reveal', async () => {
    const world = await loadAuctionWorld()
    const open = await withBids(world, [4n * DUCK])
    for (const id of [1, 2]) {
      await expect(reveal(world, open, id, 4n * DUCK))
        .to.be.revertedWithCustomError(world.auction, 'NoBid')
        .withArgs(open.auctionId, id)
    }
  })

  it('refuses a bid above the reserve price and takes one of it', async () => {
    const world = await loadAuctionWorld()
    const open = await opened(world)
    await commit(world, open, 1, PRICE_WEI + 1n)
    await commit(world, open, 2, PRICE_WEI)
    await pass(open.terms.commitBy)
    await expect(reveal(world, open, 1, PRICE_WEI + 1n))
      .to.be.revertedWithCustomError(world.auction, 'AboveReserve')
      .withArgs(PRICE_WEI + 1n, PRICE_WEI)
    await reveal(world, open, 2, PRICE_WEI)
    const { winnerId, priceWei } = await world.auction.auctionOf(open.auctionId)
    expect([winnerId, priceWei]).to.deep.equal([2n, PRICE_WEI])
  })

  it('counts also when the provider fell below the minimum stake in between', async () => {
    const world = await loadAuctionWorld()
    const open = await opened(world)
    await commit(world, open, 1, DUCK)
    await connect(world.mesh, world.provider(0).owner).startUnstake(1, STAKE_WEI)
    await pass(open.terms.commitBy)
    await reveal(world, open, 1, DUCK)
  })
})
