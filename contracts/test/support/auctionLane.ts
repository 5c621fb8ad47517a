import { concat, type Signer, toBeHex } from 'ethers'
import { connect, DUCK, type World } from './mesh.ts'
import { HONEST } from './redundant.ts'
import { type Order, signStruct } from './typedData.ts'

/** Provider id and asked price, DUCK wei. */
export type Bid = readonly [providerId: number, priceWei: bigint]

/** Four bids below the price of the default order; provider 3 wins and is paid 4 DUCK. */
export const FOUR_BIDS: readonly Bid[] = [
  [1, 7n * DUCK],
  [2, 4n * DUCK],
  [3, 2n * DUCK],
  [4, 5n * DUCK],
]

/** An order that only the auction lane pays. */
export function auctionOrder(world: World, overrides: Partial<Order> = {}): Promise<Order> {
  return world.orderOf({ mode: 5, ...overrides })
}

/** 16 bytes each: providerId 4 | priceWei 12. */
export function packBids(bids: readonly Bid[]): string {
  return concat(bids.flatMap(([id, priceWei]) => [toBeHex(id, 4), toBeHex(priceWei, 12)]))
}

export function signResult(world: World, order: Order, bids: string, signer: Signer = world.coordinator) {
  return signStruct(signer, world.domain, 'AuctionResult', { jobId: world.jobIdOf(order), bids })
}

export type AuctionArguments = [Order, string, string, string, string]

/** Arguments of settleAuction: order, its signature, bids, the coordinator's signature over them, output. */
export async function auctionArguments(
  world: World,
  order: Order,
  bids: readonly Bid[] | string = FOUR_BIDS,
): Promise<AuctionArguments> {
  const packed = typeof bids === 'string' ? bids : packBids(bids)
  return [order, await world.signOrder(order), packed, await signResult(world, order, packed), HONEST]
}

/** Settled by the signing key of the provider. */
export async function settleAuction(
  world: World,
  order: Order,
  bids: readonly Bid[] | string = FOUR_BIDS,
  winner = 3,
) {
  const args = await auctionArguments(world, order, bids)
  return connect(world.mesh, world.provider(winner - 1).key).settleAuction(...args)
}
