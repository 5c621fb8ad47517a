import { expect } from 'chai'
import { auctionIdOf } from '../../../protocol/src/auction/terms.ts'
import { changed } from '../support/anchoring.ts'
import {
  AuctionStatus,
  close,
  expectAuctionConserved,
  loadAuctionWorld,
  MIN_WINDOW,
  termsOf,
  withBids,
} from '../support/auction.ts'
import {
  at,
  connect,
  DEPOSIT_WEI,
  DISPUTE_WINDOW,
  EXEC_WINDOW,
  ethers,
  PRICE_WEI,
  TERMS,
  time,
} from '../support/mesh.ts'
import { anchorArguments, HONEST, redundantOrder, roundOf } from '../support/redundant.ts'

describe('Opening an auction', () => {
  it('takes the reserve price from the buyer into its account and announces all terms', async () => {
    const world = await loadAuctionWorld()
    const { auction, token, requester, account } = world
    const terms = await termsOf(world)
    const auctionId = await auction.auctionIdOf(terms)
    await expect(connect(auction, requester).openAuction(terms))
      .to.emit(auction, 'AuctionOpened')
      .withArgs(auctionId, requester.address, terms.order.modelId, [
        Object.values(terms.order),
        terms.commitBy,
        terms.revealBy,
        terms.closeBy,
      ])
    expect((await auction.auctionOf(auctionId)).toObject()).to.deep.equal({
      bestWei: 0n,
      priceWei: PRICE_WEI,
      winnerId: 0n,
      bids: 0n,
      status: AuctionStatus.open,
    })
    expect(await token.balanceOf(requester.address)).to.equal(DEPOSIT_WEI - PRICE_WEI)
    expect(await token.balanceOf(account)).to.equal(PRICE_WEI)
    await expectAuctionConserved(world, { reservesWei: PRICE_WEI })
  })

  it('creates the account of a buyer once, at the address that was known before', async () => {
    const world = await loadAuctionWorld()
    const { auction, requester, account } = world
    expect(await ethers.provider.getCode(account)).to.equal('0x')
    await connect(auction, requester).openAuction(await termsOf(world))
    const code = await ethers.provider.getCode(account)
    expect(code).to.include((await auction.accountCode()).slice(2).toLowerCase())
    await connect(auction, requester).openAuction(await termsOf(world))
    expect(await ethers.provider.getCode(account)).to.equal(code)
  })

  it('names the auction as the protocol does', async () => {
    const world = await loadAuctionWorld()
    const terms = (await termsOf(world)) as Parameters<typeof auctionIdOf>[1]
    const chainId = Number(world.domain.chainId)
    const auction = world.auctionAddress as `0x${string}`
    expect(await world.auction.auctionIdOf(terms)).to.equal(auctionIdOf({ chainId, auction }, terms))
  })

  it('refuses the same terms twice', async () => {
    const world = await loadAuctionWorld()
    const market = connect(world.auction, world.requester)
    const terms = await termsOf(world)
    await market.openAuction(terms)
    await expect(market.openAuction(terms))
      .to.be.revertedWithCustomError(market, 'BadAuctionState')
      .withArgs(await market.auctionIdOf(terms), AuctionStatus.open)
  })

  it('refuses an order of another account than that of the caller', async () => {
    const world = await loadAuctionWorld()
    const { auction, requester, stranger, account } = world
    await expect(connect(auction, stranger).openAuction(await termsOf(world)))
      .to.be.revertedWithCustomError(auction, 'WrongAccount')
      .withArgs(account, await auction.accountOf(stranger.address))
    const own = await termsOf(world, { order: { requester: requester.address } })
    await expect(connect(auction, requester).openAuction(own))
      .to.be.revertedWithCustomError(auction, 'WrongAccount')
      .withArgs(requester.address, account)
  })

  it('refuses an order that names a provider', async () => {
    const world = await loadAuctionWorld()
    const market = connect(world.auction, world.requester)
    await expect(market.openAuction(await termsOf(world, { order: { providerId: 3 } })))
      .to.be.revertedWithCustomError(market, 'WrongProvider')
      .withArgs(3, 0)
  })

  it('refuses every mode but the on-chain lane', async () => {
    const world = await loadAuctionWorld()
    const market = connect(world.auction, world.requester)
    for (const mode of [1, 2, 255]) {
      await expect(market.openAuction(await termsOf(world, { order: { mode } })))
        .to.be.revertedWithCustomError(market, 'UnsupportedMode')
        .withArgs(mode)
    }
  })

  it('refuses a reserve price of zero and takes one of one wei', async () => {
    const world = await loadAuctionWorld()
    const market = connect(world.auction, world.requester)
    await expect(
      market.openAuction(await termsOf(world, { order: { priceWei: 0n } })),
    ).to.be.revertedWithCustomError(market, 'ZeroAmount')
    await market.openAuction(await termsOf(world, { order: { priceWei: 1n } }))
    await expectAuctionConserved(world, { reservesWei: 1n })
  })

  it('refuses a reserve price that the buyer does not have or did not approve', async () => {
    const world = await loadAuctionWorld()
    const { auction, token, requester, auctionAddress } = world
    const market = connect(auction, requester)
    await expect(
      market.openAuction(await termsOf(world, { order: { priceWei: DEPOSIT_WEI + 1n } })),
    ).to.be.revertedWithCustomError(token, 'ERC20InsufficientBalance')
    await connect(token, requester).approve(auctionAddress, PRICE_WEI - 1n)
    await expect(market.openAuction(await termsOf(world))).to.be.revertedWithCustomError(
      token,
      'ERC20InsufficientAllowance',
    )
    expect(await ethers.provider.getCode(world.account)).to.equal('0x')
  })

  it('is possible up to commitBy, to the second', async () => {
    const world = await loadAuctionWorld()
    const market = connect(world.auction, world.requester)
    const commitBy = (await time.latest()) + 50
    await at(commitBy)
    await market.openAuction(await termsOf(world, { commitBy }))
    await at(commitBy + 1)
    await expect(market.openAuction(await termsOf(world, { commitBy })))
      .to.be.revertedWithCustomError(market, 'Expired')
      .withArgs(commitBy)
  })

  it('leaves at least five minutes to reveal, to close and to accept', async () => {
    const world = await loadAuctionWorld()
    const market = connect(world.auction, world.requester)
    const from = (await time.latest()) + 100
    const shortest = {
      commitBy: from,
      revealBy: from + MIN_WINDOW,
      closeBy: from + 2 * MIN_WINDOW,
      order: { acceptBy: from + 3 * MIN_WINDOW },
    }
    await market.openAuction(await termsOf(world, shortest))
    const tooShort = [
      { ...shortest, revealBy: shortest.revealBy - 1 },
      { ...shortest, closeBy: shortest.closeBy - 1 },
      { ...shortest, order: { acceptBy: shortest.order.acceptBy - 1 } },
    ]
    for (const [i, changes] of tooShort.entries()) {
      const end = from + (i + 1) * MIN_WINDOW - 1
      await expect(market.openAuction(await termsOf(world, changes)))
        .to.be.revertedWithCustomError(market, 'WindowTooShort')
        .withArgs(from + i * MIN_WINDOW, end, MIN_WINDOW)
    }
    const backwards = { ...shortest, closeBy: 0 }
    await expect(market.openAuction(await termsOf(world, backwards))).to.be.revertedWithCustomError(
      market,
      'WindowTooShort',
    )
  })

  it('answers deadlines at the end of time with an error of its own', async () => {
    const world = await loadAuctionWorld()
    const market = connect(world.auction, world.requester)
    const end = 2 ** 40 - 1
    const terms = await termsOf(world, {
      commitBy: end,
      revealBy: end,
      closeBy: end,
      order: { acceptBy: end },
    })
    await expect(market.openAuction(terms)).to.be.revertedWithCustomError(market, 'WindowTooShort')
  })

  it('bounds the time until the job is over by the longest life of a job', async () => {
    const world = await loadAuctionWorld()
    const market = connect(world.auction, world.requester)
    const now = (await time.latest()) + 100
    const max = TERMS.maxJobLifeSeconds
    const acceptBy = now + max - 6 * EXEC_WINDOW - DISPUTE_WINDOW
    const terms = await termsOf(world, { order: { acceptBy: acceptBy + 1 } })
    await at(now)
    await expect(market.openAuction(terms))
      .to.be.revertedWithCustomError(market, 'LifeTooLong')
      .withArgs(max + 1, max)
    await at(now)
    await market.openAuction(await termsOf(world, { order: { acceptBy } }))
  })
})

describe('The account of a buyer', () => {
  it('obeys the auction alone', async () => {
    const world = await loadAuctionWorld()
    const { requester } = world
    await connect(world.auction, requester).openAuction(await termsOf(world))
    const order = await world.orderOf({ requester: world.account })
    for (const address of [world.account, await world.auction.accountCode()]) {
      const account = connect(await ethers.getContractAt('BuyerAccount', address), requester)
      const calls: [string, unknown[]][] = [
        ['start', []],
        ['fund', [1]],
        ['post', [order]],
        ['cancel', [order]],
        ['withdraw', [1, requester.address]],
      ]
      for (const [name, args] of calls) {
        await expect(account.getFunction(name)(...args))
          .to.be.revertedWithCustomError(account, 'NotAuction')
          .withArgs(requester.address)
      }
    }
  })

  it('signs nothing: no order of another lane can spend its balance', async () => {
    const world = await loadAuctionWorld()
    const { mesh, account } = world
    await close(world, await withBids(world, []))
    expect(await mesh.accountOf(account)).to.equal(PRICE_WEI)
    const order = await redundantOrder(world, { requester: account })
    const round = roundOf(world, order, [HONEST, HONEST, HONEST])
    for (const signature of [await world.signOrder(order), '0x', `0x${'00'.repeat(65)}`]) {
      await expect(mesh.anchorSeats(...changed(await anchorArguments(world, round), { 1: signature })))
        .to.be.revertedWithCustomError(mesh, 'BadSignature')
        .withArgs(account)
    }
  })
})
