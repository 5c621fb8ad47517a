import { expect } from 'chai'
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
} from '../support/auction.ts'
import { connect, DEPOSIT_WEI, DUCK, PRICE_WEI } from '../support/mesh.ts'

/** Providers 2, 3 and 4 belong to the buyer; provider 1 is honest and asks for 2 DUCK. */
const HONEST_BID_WEI = 2n * DUCK
const SHILL_IDS = [2, 3, 4]

/** Everything of the buyer and its shills that the auction can touch, DUCK wei. */
async function wealth({ token, mesh, account, requester, provider }: AuctionWorld): Promise<bigint> {
  let sum = (await mesh.accountOf(account)) + (await token.balanceOf(requester.address))
  for (const id of SHILL_IDS) sum += await token.balanceOf(provider(id - 1).owner.address)
  return sum
}

/** Whatever the buyer reveals: what the auction, its deposits and the price of the job cost it together. */
async function costOf(sealedWei: readonly bigint[], revealedIds: readonly number[]): Promise<bigint> {
  const world = await loadAuctionWorld()
  const before = await wealth(world)
  const open = await opened(world)
  await commit(world, open, 1, HONEST_BID_WEI)
  for (const [i, bidWei] of sealedWei.entries()) await commit(world, open, i + 2, bidWei)
  await pass(open.terms.commitBy)
  await reveal(world, open, 1, HONEST_BID_WEI)
  for (const id of revealedIds) await reveal(world, open, id, sealedWei[id - 2] ?? 0n)
  await close(world, open)
  const { winnerId, priceWei } = await world.auction.auctionOf(open.auctionId)
  if (winnerId === 1n) {
    const order = { ...open.terms.order, providerId: 1, priceWei }
    await connect(world.mesh, world.provider(0).key).acceptJob(order, 1)
  }
  for (const id of [1, ...sealedWei.map((_, i) => i + 2)]) await settleBid(world, open, id)
  return before - (await wealth(world))
}

describe('Attack: a buyer bids against its providers', () => {
  it('seals a ladder of bids and reveals the one just above the winner: costs more than no shill at all', async () => {
    const honest = await costOf([], [])
    expect(honest).to.equal(PRICE_WEI)
    const ladder = [1n * DUCK, 3n * DUCK, 5n * DUCK]
    // The price falls to 3 DUCK, and two deposits burn.
    expect(await costOf(ladder, [3])).to.equal(3n * DUCK + 2n * PRICE_WEI)
    // The least ladder, and the best case: two steps, of which the other one is as low as can be.
    expect(await costOf([0n, HONEST_BID_WEI], [3])).to.equal(HONEST_BID_WEI + PRICE_WEI)
  })

  it('seals one bid and reveals it always: that is a secret reserve price and no more', async () => {
    expect(await costOf([3n * DUCK], [2])).to.equal(3n * DUCK)
    // The same with an open reserve price, without any shill.
    const world = await loadAuctionWorld()
    const { order } = await awarded(world, [HONEST_BID_WEI], { order: { priceWei: 3n * DUCK } })
    expect(order.priceWei).to.equal(3n * DUCK)
  })

  it('wins with that one bid and takes the job back: everybody has what it had', async () => {
    const world = await loadAuctionWorld()
    const before = await wealth(world)
    const open = await opened(world)
    await commit(world, open, 1, HONEST_BID_WEI)
    await commit(world, open, 2, DUCK)
    await pass(open.terms.commitBy)
    await reveal(world, open, 1, HONEST_BID_WEI)
    await reveal(world, open, 2, DUCK)
    await close(world, open)
    await connect(world.auction, world.requester).cancelAward(open.terms)
    for (const id of [1, 2]) await settleBid(world, open, id)
    expect(await wealth(world)).to.equal(before)
    expect(await world.token.balanceOf(world.provider(0).owner.address)).to.equal(DEPOSIT_WEI)
  })

  it('never makes the price go below what the winner asked for', async () => {
    const world = await loadAuctionWorld()
    const { order, winnerId } = await awarded(world, [HONEST_BID_WEI, HONEST_BID_WEI, HONEST_BID_WEI])
    expect([winnerId, order.priceWei]).to.deep.equal([1, HONEST_BID_WEI])
  })

  it('wins with a shill that does not accept: half of the deposit burns', async () => {
    const world = await loadAuctionWorld()
    const before = await wealth(world)
    const open = await opened(world)
    await commit(world, open, 1, HONEST_BID_WEI)
    await commit(world, open, 2, 0n)
    await pass(open.terms.commitBy)
    await reveal(world, open, 1, HONEST_BID_WEI)
    await reveal(world, open, 2, 0n)
    await close(world, open)
    const order = { ...open.terms.order, providerId: 2, priceWei: HONEST_BID_WEI }
    await pass(order.acceptBy)
    await world.mesh.expireJob(order)
    for (const id of [1, 2]) await settleBid(world, open, id)
    expect(before - (await wealth(world))).to.equal(PRICE_WEI / 2n)
  })
})

describe('Attack: a provider bids with several identities', () => {
  it('hides the lower of two bids when that would pay better: the burned deposit is more than the gain', async () => {
    const world = await loadAuctionWorld()
    const open = await opened(world)
    // Providers 1 and 2 are one party; its bid of 2 DUCK alone would be paid the reserve price.
    await commit(world, open, 1, 2n * DUCK)
    await commit(world, open, 2, 3n * DUCK)
    await pass(open.terms.commitBy)
    await reveal(world, open, 1, 2n * DUCK)
    await close(world, open)
    const { priceWei } = await world.auction.auctionOf(open.auctionId)
    await expect(settleBid(world, open, 2)).to.emit(world.auction, 'DepositForfeited')
    expect(priceWei - 3n * DUCK).to.be.lessThan(PRICE_WEI)
  })
})
