import type { Order } from '@duckmesh/protocol'
import type { ChainJob } from '../ports/chain.ts'

/** A reseating has to be anchored within this many execution windows. Source: `JobStore.sol`. */
const SEATING_WINDOWS = 2

/**
 * Last unix second at which a round can be anchored.
 * @param job the job on chain, still waiting for its seats in this round
 */
export const seatBy = (order: Order, round: number, job: ChainJob): number =>
  round === 0 ? order.acceptBy : job.at + SEATING_WINDOWS * order.execWindow
