import { type Order, seatBy as seatBySince } from '@duckmesh/protocol'
import type { ChainJob } from '../ports/chain.ts'

/**
 * Last unix second at which a round can be anchored.
 * @param job the job on chain, still waiting for its seats in this round
 */
export const seatBy = (order: Order, round: number, job: ChainJob): number =>
  seatBySince(order, round, job.at)

/** Whether the chain waits for the seats of this round, which is not the first one or was begun seat by seat. */
export const isSeating = (job: ChainJob, round: number): boolean =>
  ['committing', 'reseating', 'disputed'].includes(job.status) && job.round === round
