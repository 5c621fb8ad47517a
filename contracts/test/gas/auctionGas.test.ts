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
import { expectSnapshot } from '../support/gasSnapshot.ts'
import { connect, DUCK } from '../support/mesh.ts'

const measured: Record<string, bigint> = {}

async function measure(name: string, sent: Promise<unknown>): Promise<void> {
  const receipt = await ((await sent) as ContractTransactionResponse).wait()
  if (!receipt) throw new Error('No receipt')
  measured[name] = receipt.gasUsed
}

async function openMeasured(world: AuctionWorld, name: string): Promise<void> {
  await measure(name, connect(world.auction, world.requester).openAuction(await termsOf(world)))
}

/** A world whose buyer has an account, with a nonce word and a balance in the mesh that are not fresh. */
async function warmWorld(): Promise<AuctionWorld> {
  const world = await loadAuctionWorld()
  await close(world, await withBids(world, []))
  const award = await awarded(world, [4n * DUCK, 6n * DUCK])
  await settleBid(world, award, 2)
  return world
}

describe('Gas of auctions', () => {
  it('of opening', async () => {
    const world = await loadAuctionWorld()
    await openMeasured(world, 'openAuction, first of a buyer')
    await openMeasured(world, 'openAuction, next')
  })

  it('of bids', async () => {
    const world = await warmWorld()
    const open = await opened(world)
    await measure('commitBid', commit(world, open, 1, 6n * DUCK))
    for (const id of [2, 3]) await commit(world, open, id, BigInt(8 - 2 * id) * DUCK)
    await pass(open.terms.commitBy)
    await measure('revealBid, first', reveal(world, open, 1, 6n * DUCK))
    await measure('revealBid, new best', reveal(world, open, 2, 4n * DUCK))
    await reveal(world, open, 3, 2n * DUCK)
    await measure('closeAuction, awarded', close(world, open))
    await measure('settleBid, loser', settleBid(world, open, 1))
    const { winnerId, priceWei } = await world.auction.auctionOf(open.auctionId)
    const order = { ...open.terms.order, providerId: Number(winnerId), priceWei }
    await connect(world.mesh, world.provider(Number(winnerId) - 1).key).acceptJob(order, winnerId)
    await measure('settleBid, winner that accepted', settleBid(world, open, Number(winnerId)))
  })

  it('of auctions that go wrong', async () => {
    const world = await warmWorld()
    const silent = await withBids(world, [undefined])
    await measure('closeAuction, lapsed', close(world, silent))
    await measure('settleBid, not revealed', settleBid(world, silent, 1))
    const declined = await awarded(world, [4n * DUCK])
    await pass(declined.order.acceptBy)
    await world.mesh.expireJob(declined.order)
    await measure('settleBid, winner that declined', settleBid(world, declined, 1))
    const cancelled = await awarded(world, [4n * DUCK])
    await measure('cancelAward', connect(world.auction, world.requester).cancelAward(cancelled.terms))
    await measure('reclaim', world.auction.reclaim(world.requester.address))
  })

  it('stays within 2 % of the committed figures', async () => {
    await expectSnapshot('gas-auction', measured)
  })
})
