import type { Order } from '../typed-data/order.ts'

/** Rounds of seats; the number is the `round` of an Assignment. Source: `JobStore.sol`. */
export const rounds = { first: 0, reseat: 1, dispute: 2 } as const

/** Seats of a re-execution, whatever the order says. Source: `DisputeStore.DISPUTE_SEATS`. */
export const DISPUTE_SEATS = 3

/** How many seats a round has. */
export const seatCount = (order: Order, round: number): number =>
  round === rounds.dispute ? DISPUTE_SEATS : order.seats

/**
 * What each majority seat of a re-execution earns, gross: its part of half of the loser's bond, both rounded down.
 * Source: `DisputeStore._closeDecided`.
 * @param bondWei bond of the order, DUCK wei
 * @param winners seats of the majority, at least 1
 */
export const judgeShareWei = (bondWei: bigint, winners: number): bigint => bondWei / 2n / BigInt(winners)

/**
 * What a winning seat is certain to earn, before the fee, DUCK wei: its share of the price, or in a re-execution its
 * share of the bond when all seats agree. Terms are checked against it and receipts name it.
 */
export const seatShareWei = (order: Order, round: number): bigint =>
  round === rounds.dispute
    ? judgeShareWei(order.bondWei, DISPUTE_SEATS)
    : order.priceWei / BigInt(Math.max(order.seats, 1))

/**
 * Least bond of an order, DUCK wei, with which a re-execution pays each of its seats this much.
 * @param seatPriceWei what a node asks for a seat
 */
export const leastBondWei = (seatPriceWei: bigint): bigint => seatPriceWei * 2n * BigInt(DISPUTE_SEATS)
