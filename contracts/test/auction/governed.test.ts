import { expect } from 'chai'
import {
  close,
  expectAuctionConserved,
  loadAuctionWorld,
  opened,
  pass,
  settleBid,
  termsOf,
  withBids,
} from '../support/auction.ts'
import { connect, DUCK, NOTICE_SECONDS, PRICE_WEI, TERMS, time } from '../support/mesh.ts'

const BIDS = [4n * DUCK, 6n * DUCK]
type AuctionWorld = Awaited<ReturnType<typeof loadAuctionWorld>>

/** New terms are in force in the mesh. */
async function enforce({ meshParams, mesh }: AuctionWorld, terms: Partial<typeof TERMS>): Promise<void> {
  await meshParams.publish({ ...TERMS, ...terms })
  await time.increase(NOTICE_SECONDS)
  await mesh.syncTerms()
}

describe('An auction and the terms of the mesh', () => {
  it('refuses a bond that would be too low for the reserve price', async () => {
    const world = await loadAuctionWorld()
    const market = connect(world.auction, world.requester)
    await enforce(world, { minBondBps: 10_000 })
    const low = await termsOf(world, { order: { bondWei: PRICE_WEI - 1n } })
    await expect(market.openAuction(low))
      .to.be.revertedWithCustomError(market, 'BondTooLow')
      .withArgs(PRICE_WEI - 1n, PRICE_WEI)
    await market.openAuction(await termsOf(world, { order: { bondWei: PRICE_WEI } }))
  })

  it('takes the longest life of a job from them', async () => {
    const world = await loadAuctionWorld()
    await enforce(world, { maxJobLifeSeconds: 600 })
    await expect(opened(world)).to.be.revertedWithCustomError(world.auction, 'LifeTooLong')
  })

  it('lapses with everything returned when the mesh is frozen until closeBy', async () => {
    const world = await loadAuctionWorld()
    const { auction, mesh, meshParams } = world
    const open = await withBids(world, BIDS)
    await meshParams.freeze(3_600, [await mesh.getAddress()])
    await expect(close(world, open)).to.be.revertedWithCustomError(mesh, 'Frozen')
    await pass(open.terms.closeBy)
    await expect(auction.closeAuction(open.terms)).to.emit(auction, 'AuctionLapsed')
    for (const id of [1, 2]) await expect(settleBid(world, open, id)).to.emit(auction, 'DepositReturned')
    await auction.reclaim(world.requester.address)
    await expectAuctionConserved(world)
  })

  it('is awarded after a freeze that ends before closeBy', async () => {
    const world = await loadAuctionWorld()
    const { auction, mesh, meshParams } = world
    const open = await withBids(world, BIDS)
    await meshParams.freeze(60, [await mesh.getAddress()])
    await expect(close(world, open)).to.emit(auction, 'AuctionAwarded')
  })
})
