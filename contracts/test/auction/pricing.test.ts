import { expect } from 'chai'
import { clearAuction } from '../../../protocol/src/auction/clear.ts'
import { commit, loadAuctionWorld, opened, pass, reveal, withBids } from '../support/auction.ts'
import { DUCK, ethers, PRICE_WEI } from '../support/mesh.ts'

/** Winner, its bid and the price that the auction holds now. */
async function clearingOf(world: Awaited<ReturnType<typeof loadAuctionWorld>>, auctionId: string) {
  const { winnerId, bestWei, priceWei } = await world.auction.auctionOf(auctionId)
  return { winnerId: Number(winnerId), bidWei: bestWei, priceWei }
}

describe('The price of an auction', () => {
  const cases: [name: string, bidsWei: bigint[], winnerId: number, priceWei: bigint][] = [
    ['is the reserve price for the only bid', [4n], 1, PRICE_WEI],
    ['is the second lowest bid when the lowest comes first', [4n, 6n, 8n], 1, 6n],
    ['is the second lowest bid when the lowest comes last', [8n, 6n, 4n], 3, 6n],
    ['is the second lowest bid when the lowest is in the middle', [6n, 4n, 8n], 2, 6n],
    ['falls when a bid between winner and price is revealed', [4n, 8n, 5n], 1, 5n],
    ['is the bid itself when two are equal', [4n, 4n], 1, 4n],
    ['is zero when two ask for nothing', [0n, 0n, 5n], 1, 0n],
    ['is the reserve price when the second bid is just that', [4n, PRICE_WEI], 1, PRICE_WEI],
  ]
  for (const [name, bidsWei, winnerId, priceWei] of cases) {
    it(name, async () => {
      const world = await loadAuctionWorld()
      const { auctionId } = await withBids(world, bidsWei)
      const bidWei = bidsWei[winnerId - 1]
      expect(await clearingOf(world, auctionId)).to.deep.equal({ winnerId, bidWei, priceWei })
    })
  }

  it('goes to the earlier commit of equal bids, whoever reveals first', async () => {
    const world = await loadAuctionWorld()
    const open = await opened(world)
    for (const id of [3, 1, 2]) await commit(world, open, id, 4n * DUCK)
    await pass(open.terms.commitBy)
    for (const id of [1, 2, 3]) await reveal(world, open, id, 4n * DUCK)
    expect(await clearingOf(world, open.auctionId)).to.deep.equal({
      winnerId: 3,
      bidWei: 4n * DUCK,
      priceWei: 4n * DUCK,
    })
  })

  it('is what clearAuction of the protocol computes, for random bids in random order', async () => {
    const random = (seed: string, below: number) => Number(BigInt(ethers.id(seed)) % BigInt(below))
    for (let game = 0; game < 25; game++) {
      const world = await loadAuctionWorld()
      const open = await opened(world, { order: { priceWei: 10n } })
      const ids = [1, 2, 3, 4, 5, 6].filter((id) => random(`in ${game} ${id}`, 4) > 0)
      const shuffled = (salt: string) =>
        [...ids].sort((a, b) => random(`${salt} ${game} ${a}`, 1e6) - random(`${salt} ${game} ${b}`, 1e6))
      const bidOf = (id: number) => BigInt(random(`bid ${game} ${id}`, 11))
      const committed = shuffled('commit')
      for (const id of committed) await commit(world, open, id, bidOf(id))
      await pass(open.terms.commitBy)
      for (const id of shuffled('reveal')) await reveal(world, open, id, bidOf(id))
      const bids = committed.map((providerId, rank) => ({
        providerId,
        bidWei: bidOf(providerId),
        rank: BigInt(rank),
      }))
      expect(await clearingOf(world, open.auctionId), `game ${game}`).to.deep.equal(
        clearAuction(bids, 10n) ?? { winnerId: 0, bidWei: 0n, priceWei: 10n },
      )
    }
  })
})
