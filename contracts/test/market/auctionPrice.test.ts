import { expect } from 'chai'
import { auctionOrder, type Bid, settleAuction } from '../support/auctionLane.ts'
import { expectConserved } from '../support/conservation.ts'
import { DEPOSIT_WEI, ethers, loadWorld } from '../support/mesh.ts'
import { HONEST } from '../support/redundant.ts'

/** Price of the order, wei. */
const PRICE_WEI = 10n
const MOST = 2n ** 96n - 1n

/** Bids written as provider@price. */
function bidsOf(text: string): Bid[] {
  return text.split(' ').map((bid) => {
    const [id, priceWei] = bid.split('@')
    return [Number(id), priceWei === 'most' ? MOST : BigInt(priceWei)]
  })
}

const cases: [name: string, bids: string, winner: number, paidWei: bigint][] = [
  ['one bid: the price of the order', '2@1', 2, 10n],
  ['one bid that asks for the whole price', '2@10', 2, 10n],
  ['one bid of nothing', '2@0', 2, 10n],
  ['two bids of nothing', '2@0 3@0', 2, 0n],
  ['two equal bids: the earlier one, at what both asked for', '5@1 1@1', 5, 1n],
  ['three equal bids', '4@1 5@1 1@1', 4, 1n],
  ['a tie for the second place', '1@3 2@2 3@3', 2, 3n],
  ['the best bid first', '1@1 2@2 3@3', 1, 2n],
  ['the best bid last', '1@3 2@2 3@1', 3, 2n],
  ['the second best before the best', '1@2 2@1 3@3', 2, 2n],
  ['a second bid above the price: the price', '1@11 2@5', 2, 10n],
  ['a second bid of exactly the price', '1@10 2@5', 2, 10n],
  ['bids of the largest amount', '1@most 2@most 3@1', 3, 10n],
  ['a largest amount between two', '1@5 2@most 3@4', 3, 5n],
  ['two bids of one provider: its own second bid counts', '1@1 1@2 2@3', 1, 2n],
]

describe('Winner and price of an auction', () => {
  for (const [name, bids, winner, paidWei] of cases) {
    it(`with ${name}`, async () => {
      const world = await loadWorld()
      const order = await auctionOrder(world, { priceWei: PRICE_WEI })
      await expect(settleAuction(world, order, bidsOf(bids), winner))
        .to.emit(world.mesh, 'AuctionSettled')
        .withArgs(world.jobIdOf(order), winner, paidWei, HONEST)
      expect(await world.freeOf(world.requester)).to.equal(DEPOSIT_WEI - paidWei)
      await expectConserved(world)
    })
  }

  it('are those of a sorted list, whatever the order of the bids', async () => {
    const world = await loadWorld()
    for (let seed = 0; seed < 30; seed++) {
      const bids = Array.from({ length: (seed % 6) + 1 }, (_, i): Bid => {
        return [i + 1, BigInt(ethers.id(`${seed} ${i}`)) % 14n]
      })
      // sorting is stable, so the earlier of equals stays first
      const [best, second] = [...bids].sort((a, b) => Number(a[1] - b[1]))
      if (best[1] > PRICE_WEI) continue
      const order = await auctionOrder(world, { priceWei: PRICE_WEI })
      const paidWei = second && second[1] < PRICE_WEI ? second[1] : PRICE_WEI
      await expect(settleAuction(world, order, bids, best[0]))
        .to.emit(world.mesh, 'AuctionSettled')
        .withArgs(world.jobIdOf(order), best[0], paidWei, HONEST)
    }
    await expectConserved(world)
  })
})
