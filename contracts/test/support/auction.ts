import { expect } from 'chai'
import type { BaseContract, ContractMethod, Signer } from 'ethers'
import { bidCommitmentOf } from '../../../protocol/src/auction/commitment.ts'
import { awardedOrder } from '../../../protocol/src/auction/terms.ts'
import { expectConserved } from './conservation.ts'
import { connect, ethers, networkHelpers, time, type World, worldFixture } from './mesh.ts'
import type { Order } from './typedData.ts'

type Entry =
  | 'openAuction'
  | 'commitBid'
  | 'revealBid'
  | 'closeAuction'
  | 'cancelAward'
  | 'settleBid'
  | 'reclaim'
  | 'mesh'
  | 'token'
  | 'accountCode'
  | 'accountOf'
  | 'auctionIdOf'
  | 'auctionOf'
  | 'bidOf'
export type ReverseAuction = BaseContract & Record<Entry, ContractMethod>

export const AuctionStatus = { none: 0n, open: 1n, awarded: 2n, lapsed: 3n } as const
export const BidStatus = { none: 0n, sealed: 1n, revealed: 2n } as const
export const MIN_WINDOW = 300
/** Seconds between two deadlines of an auction, unless a test says otherwise. */
export const WINDOW = 600

export interface Terms {
  order: Order
  commitBy: number
  revealBy: number
  closeBy: number
}

export interface AuctionWorld extends World {
  auction: ReverseAuction
  auctionAddress: string
  /** Account of the requester, who is the buyer in all tests. */
  account: string
}

/** An auction that was opened. */
export interface Opened {
  terms: Terms
  auctionId: string
}

async function auctionFixture(): Promise<AuctionWorld> {
  const world = await worldFixture()
  const { mesh, token, requester, providers } = world
  const deployed = await ethers.deployContract('ReverseAuction', [await mesh.getAddress()])
  const auction = deployed as unknown as ReverseAuction
  const auctionAddress = await auction.getAddress()
  for (const payer of [requester, ...providers.map(({ owner }) => owner)]) {
    await connect(token, payer).approve(auctionAddress, ethers.MaxUint256)
  }
  return { ...world, auction, auctionAddress, account: await auction.accountOf(requester.address) }
}

/** A fresh world with an auction contract that buyer and providers approved. */
export function loadAuctionWorld(): Promise<AuctionWorld> {
  return networkHelpers.loadFixture(auctionFixture)
}

/** Deadlines `WINDOW` seconds apart, the first one `WINDOW` seconds from now. */
export async function termsOf(
  world: AuctionWorld,
  { order: changes = {}, ...deadlines }: { order?: Partial<Order> } & Partial<Omit<Terms, 'order'>> = {},
): Promise<Terms> {
  const commitBy = deadlines.commitBy ?? (await time.latest()) + WINDOW
  const revealBy = deadlines.revealBy ?? commitBy + WINDOW
  const closeBy = deadlines.closeBy ?? revealBy + WINDOW
  const order = await world.orderOf({ requester: world.account, acceptBy: closeBy + WINDOW, ...changes })
  return { order, commitBy, revealBy, closeBy }
}

export async function opened(
  world: AuctionWorld,
  changes: Parameters<typeof termsOf>[1] = {},
): Promise<Opened> {
  const terms = await termsOf(world, changes)
  await connect(world.auction, world.requester).openAuction(terms)
  return { terms, auctionId: await world.auction.auctionIdOf(terms) }
}

export function saltOf(auctionId: string, providerId: number): string {
  return ethers.solidityPackedKeccak256(['bytes32', 'uint32'], [auctionId, providerId])
}

export function commitmentOf({ auctionId }: Opened, providerId: number, bidWei: bigint): string {
  const salt = saltOf(auctionId, providerId)
  return bidCommitmentOf({ auctionId, providerId, bidWei, salt } as Parameters<typeof bidCommitmentOf>[0])
}

/** Sent by the owner of the provider, who pays the deposit. */
export function commit(
  world: AuctionWorld,
  auction: Opened,
  providerId: number,
  bidWei: bigint,
  sender: Signer = world.provider(providerId - 1).owner,
) {
  return connect(world.auction, sender).commitBid(
    auction.terms,
    providerId,
    commitmentOf(auction, providerId, bidWei),
  )
}

/** Sent by a stranger, since the sender is nobody special. */
export function reveal(
  world: AuctionWorld,
  { terms, auctionId }: Opened,
  providerId: number,
  bidWei: bigint,
) {
  return connect(world.auction, world.stranger).revealBid(
    terms,
    providerId,
    bidWei,
    saltOf(auctionId, providerId),
  )
}

/** The next block is one second after a deadline. */
export function pass(deadline: number): Promise<void> {
  return time.setNextBlockTimestamp(deadline + 1)
}

/** Bids of providers 1, 2, … in this order; `undefined` seals a bid that is never revealed. */
export async function withBids(
  world: AuctionWorld,
  bidsWei: (bigint | undefined)[],
  changes: Parameters<typeof termsOf>[1] = {},
): Promise<Opened> {
  const auction = await opened(world, changes)
  for (const [index, bidWei] of bidsWei.entries()) await commit(world, auction, index + 1, bidWei ?? 1n)
  await pass(auction.terms.commitBy)
  for (const [index, bidWei] of bidsWei.entries()) {
    if (bidWei !== undefined) await reveal(world, auction, index + 1, bidWei)
  }
  return auction
}

/** Closed by a stranger one second after the last reveal. */
export async function close(world: AuctionWorld, { terms }: Opened) {
  await pass(terms.revealBy)
  return connect(world.auction, world.stranger).closeAuction(terms)
}

export interface Awarded extends Opened {
  /** As it was posted in the mesh. */
  order: Order
  jobId: string
  winnerId: number
}

/** An auction with these bids, closed; the job is open in the mesh. */
export async function awarded(
  world: AuctionWorld,
  bidsWei: (bigint | undefined)[],
  changes: Parameters<typeof termsOf>[1] = {},
): Promise<Awarded> {
  const auction = await withBids(world, bidsWei, changes)
  await close(world, auction)
  const { winnerId, priceWei } = await world.auction.auctionOf(auction.auctionId)
  const order = awarding(auction.terms, Number(winnerId), priceWei)
  return { ...auction, order, jobId: world.jobIdOf(order), winnerId: Number(winnerId) }
}

function awarding(terms: Terms, winnerId: number, priceWei: bigint): Order {
  return awardedOrder(terms as Parameters<typeof awardedOrder>[0], winnerId, priceWei) as Order
}

export function settleBid(world: AuctionWorld, { terms }: Opened, providerId: number) {
  return connect(world.auction, world.stranger).settleBid(terms, providerId)
}

/**
 * Every wei of the auction is a deposit of an unsettled bid, every wei of the account a reserve price of an open
 * auction; and the mesh conserves its own.
 */
export async function expectAuctionConserved(
  world: AuctionWorld,
  {
    depositsWei = 0n,
    reservesWei = 0n,
    ...mesh
  }: { depositsWei?: bigint; reservesWei?: bigint } & Parameters<typeof expectConserved>[1] = {},
): Promise<void> {
  expect(await world.token.balanceOf(world.auctionAddress), 'deposits').to.equal(depositsWei)
  expect(await world.token.balanceOf(world.account), 'reserves').to.equal(reservesWei)
  await expectConserved(world, mesh, [world.account])
}
