import { expect } from 'chai'
import {
  type AuctionWorld,
  type Awarded,
  awarded,
  close,
  expectAuctionConserved,
  loadAuctionWorld,
  settleBid,
  withBids,
} from '../support/auction.ts'
import {
  BOND_WEI,
  connect,
  DEPOSIT_WEI,
  DISPUTE_WINDOW,
  DUCK,
  EXEC_WINDOW,
  ethers,
  PRICE_WEI,
  time,
} from '../support/mesh.ts'
import { anchor, HONEST, open, roundOf, WRONG } from '../support/redundant.ts'

const BIDS = [4n * DUCK, 6n * DUCK]
const SURPLUS_WEI = PRICE_WEI - 6n * DUCK

/** Reclaimed by a stranger, since the sender is nobody special. */
function reclaim(world: AuctionWorld) {
  return connect(world.auction, world.stranger).reclaim(world.requester.address)
}

async function accept({ mesh, provider }: AuctionWorld, { order, winnerId }: Awarded) {
  await connect(mesh, provider(winnerId - 1).key).acceptJob(order, winnerId)
}

async function submit(world: AuctionWorld, award: Awarded, output = HONEST) {
  await accept(world, award)
  await connect(world.mesh, world.provider(award.winnerId - 1).key).submitResult(award.jobId, output)
}

/** Judged by providers 4, 5 and 6; `given` are the seats that open. */
async function disputed(world: AuctionWorld, award: Awarded, verdicts: string[], given?: number[]) {
  await submit(world, award, WRONG)
  await connect(world.mesh, world.challenger).disputeJob(award.order, HONEST)
  const round = roundOf(world, award.order, verdicts, { round: 2, ids: [4, 5, 6] })
  await anchor(world, round)
  if (given) await time.increase(EXEC_WINDOW + 1)
  await open(world, round, given)
}

describe('What an auction gives back to the buyer', () => {
  const cases: [
    name: string,
    play: (world: AuctionWorld, award: Awarded) => Promise<unknown>,
    wei: bigint,
  ][] = [
    ['is the surplus while the job runs', accept, SURPLUS_WEI],
    [
      'is the surplus when the job is paid',
      async (world, award) => {
        await submit(world, award)
        await time.increase(DISPUTE_WINDOW + 1)
        await world.mesh.finalizeJob(award.order)
      },
      SURPLUS_WEI,
    ],
    [
      'is everything when the job was never accepted',
      async ({ mesh }, award) => {
        await time.increaseTo(award.order.acceptBy + 1)
        await mesh.expireJob(award.order)
      },
      PRICE_WEI,
    ],
    [
      'is everything when the buyer took the job back',
      ({ auction, requester }, award) => connect(auction, requester).cancelAward(award.terms),
      PRICE_WEI,
    ],
    [
      'is everything and half of the bond when the winner delivers late',
      async (world, award) => {
        await accept(world, award)
        await time.increase(EXEC_WINDOW + 1)
        await world.mesh.expireJob(award.order)
      },
      PRICE_WEI + BOND_WEI / 2n,
    ],
    [
      'is everything when a dispute is upheld',
      (world, award) => disputed(world, award, [HONEST, HONEST, HONEST]),
      PRICE_WEI,
    ],
    [
      'is the surplus when a dispute is not upheld',
      (world, award) => disputed(world, award, [WRONG, WRONG, WRONG]),
      SURPLUS_WEI,
    ],
    [
      'has half of the bond of a silent judge, which no state of the job would tell',
      (world, award) => disputed(world, award, [HONEST, HONEST, HONEST], [0, 1]),
      PRICE_WEI + BOND_WEI / 2n,
    ],
  ]
  for (const [name, play, wei] of cases) {
    it(name, async () => {
      const world = await loadAuctionWorld()
      const { auction, token, requester } = world
      const award = await awarded(world, BIDS)
      await play(world, award)
      await expect(reclaim(world)).to.emit(auction, 'Reclaimed').withArgs(requester.address, wei)
      expect(await token.balanceOf(requester.address)).to.equal(DEPOSIT_WEI - PRICE_WEI + wei)
      expect(await world.mesh.accountOf(world.account)).to.equal(0n)
    })
  }

  it('is the whole reserve price when nobody bids', async () => {
    const world = await loadAuctionWorld()
    await close(world, await withBids(world, []))
    await reclaim(world)
    expect(await world.token.balanceOf(world.requester.address)).to.equal(DEPOSIT_WEI)
    await expectAuctionConserved(world)
  })

  it('is nothing for a buyer without account or without claim', async () => {
    const world = await loadAuctionWorld()
    const { auction, stranger, requester } = world
    await expect(auction.reclaim(stranger.address))
      .to.be.revertedWithCustomError(auction, 'NothingToReclaim')
      .withArgs(stranger.address)
    await close(world, await withBids(world, []))
    await reclaim(world)
    await expect(reclaim(world))
      .to.be.revertedWithCustomError(auction, 'NothingToReclaim')
      .withArgs(requester.address)
  })

  it('does not touch the reserve price of an auction that is still open', async () => {
    const world = await loadAuctionWorld()
    await close(world, await withBids(world, []))
    const running = await withBids(world, BIDS)
    await reclaim(world)
    await expectAuctionConserved(world, { depositsWei: 2n * PRICE_WEI, reservesWei: PRICE_WEI })
    await close(world, running)
    await expectAuctionConserved(world, { depositsWei: 2n * PRICE_WEI, escrowWei: 6n * DUCK })
  })

  it('goes to each of two buyers exactly', async () => {
    const world = await loadAuctionWorld()
    const { auction, token, requester, challenger, auctionAddress, mesh } = world
    await connect(token, challenger).approve(auctionAddress, ethers.MaxUint256)
    const theirs = await auction.accountOf(challenger.address)
    const first = await withBids(world, BIDS)
    const terms = { ...first.terms, order: { ...first.terms.order, requester: theirs, priceWei: DUCK } }
    terms.commitBy = (await time.latest()) + 10
    await connect(auction, challenger).openAuction(terms)
    await close(world, first)
    await time.increaseTo(first.terms.closeBy + 1)
    await auction.closeAuction(terms)
    await reclaim(world)
    expect(await mesh.accountOf(theirs)).to.equal(DUCK)
    await auction.reclaim(challenger.address)
    expect(await token.balanceOf(requester.address)).to.equal(DEPOSIT_WEI - 6n * DUCK)
    expect(await token.balanceOf(challenger.address)).to.equal(DEPOSIT_WEI)
    await settleBid(world, first, 2)
    await expectAuctionConserved(world, { depositsWei: PRICE_WEI, escrowWei: 6n * DUCK })
  })
})
