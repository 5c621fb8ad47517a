import type { Order } from '../typed-data/order.ts'

/** Execution windows within which a reseating or a re-execution must be anchored: `JobStore.SEATING_WINDOWS`. */
const SEATING_WINDOWS = 2

/**
 * Last unix second at which the seats of a round may be anchored.
 * @param since unix second at which the round began (the reseating or the dispute); not used for round 0
 */
export const seatBy = (order: Order, round: number, since: number): number =>
  round === 0 ? order.acceptBy : since + SEATING_WINDOWS * order.execWindow

/**
 * Last unix second at which an anchored seat may open.
 * @param anchoredAt unix second of anchoring
 */
export const revealBy = (order: Order, anchoredAt: number): number => anchoredAt + order.execWindow

/**
 * Last unix second at which seats that all revealed the same output may be paid at once. Later than `seatBy`: whoever has
 * revealed may be paid until then, anchored or not.
 * @example settleBy({ ...order, acceptBy: 1_900_000_000, execWindow: 30 }) // 1_900_000_030
 */
export const settleBy = (order: Order): number => order.acceptBy + order.execWindow

/**
 * Seconds from now to the last deadline that a redundant order can reach: anchor, reveal, reseat, reveal again.
 * @param nowSeconds unix seconds
 */
export const longestLifeSeconds = (order: Order, nowSeconds: number): number =>
  order.acceptBy - nowSeconds + (1 + SEATING_WINDOWS + 1) * order.execWindow
