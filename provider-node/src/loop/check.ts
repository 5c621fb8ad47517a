import {
  type Assignment,
  assignmentTypedData,
  DuckMeshError,
  jobIdOf,
  limits,
  type Order,
  type RunWork,
  recover,
  rounds,
  seatCount,
  verificationModes,
} from '@duckmesh/protocol'
import { type Hex, isAddressEqual } from 'viem'
import type { Executor } from '../executors/executor.ts'
import { checkOrderSignature } from './checkOrderSignature.ts'
import { checkTerms, outOfBounds } from './checkTerms.ts'
import type { LoopContext } from './context.ts'
import { reservedWei } from './reservedWei.ts'
import { isSeating, seatBy } from './seatBy.ts'

/** Least time between taking work and its seating deadline, seconds. */
export const LEAST_LEAD_SECONDS = 2

/** Work that may be run. */
export type CheckedWork = {
  executor: Executor
  /** Last unix second at which the seats can be anchored. */
  deadline: number
  /** Chain time of the check, unix seconds. */
  checkedAt: number
  /** Latest block at the check. */
  blockNumber: bigint
}

/**
 * Checks everything about a seat before any work is done: the coordinator is a messenger and trusted with nothing.
 * @throws DuckMeshError the reason to decline; `CHAIN_UNAVAILABLE` (retryable) when it cannot be checked now
 */
export async function check(work: RunWork, context: LoopContext): Promise<CheckedWork> {
  const { order, request } = work
  await checkSeat(work, context)
  const { round } = work.assignment
  const executor = checkTerms(context, order, request, round)
  // a disputed job was posted on chain by its requester, who need not have signed anything
  if (round !== rounds.dispute) await checkOrderSignature(context.chain, order, work.orderSignature)
  return { executor, ...(await checkOnChain(work, context)) }
}

/**
 * Checks that the job id is the order's digest and that this node was drawn by the right coordinator.
 * @throws DuckMeshError `BAD_REQUEST`, `UNSUPPORTED_MODE`, `WRONG_COORDINATOR`, `ORDER_OUT_OF_BOUNDS`,
 * `NOT_A_SEAT` or `BAD_SIGNATURE`
 */
export async function checkSeat(work: RunWork, context: LoopContext): Promise<void> {
  const { order, assignment, jobId } = work
  const { domain } = context.chain
  if (jobId !== jobIdOf(domain, order)) {
    throw new DuckMeshError('BAD_REQUEST', 'The job id is not the digest of the order.', { jobId })
  }
  const pinned = context.coordinatorAddress()
  if (!pinned || !isAddressEqual(order.coordinator, pinned)) {
    const details = { have: order.coordinator, want: pinned }
    throw new DuckMeshError('WRONG_COORDINATOR', 'The order names another coordinator.', details)
  }
  if (assignment.jobId !== jobId || assignment.round > rounds.dispute) {
    const details = { jobId, assigned: assignment.jobId, round: assignment.round }
    throw new DuckMeshError('BAD_REQUEST', 'The assignment is for something else.', details)
  }
  const { redundant, signed } = verificationModes
  if (order.mode !== (assignment.round === rounds.dispute ? signed : redundant)) {
    throw new DuckMeshError('UNSUPPORTED_MODE', 'Orders of this mode have no such round of seats.', {
      mode: order.mode,
      round: assignment.round,
    })
  }
  checkSeatCount(order, assignment)
  if (!assignment.seats.includes(context.providerId)) {
    throw new DuckMeshError('NOT_A_SEAT', 'This node is not among the seats.', { seats: assignment.seats })
  }
  await checkAssignmentSignature(context, order, assignment, work.assignmentSignature)
}

/** @throws DuckMeshError `BAD_SIGNATURE` when the order's coordinator did not sign the assignment */
export async function checkAssignmentSignature(
  { chain }: Pick<LoopContext, 'chain'>,
  order: Order,
  assignment: Assignment,
  signature: Hex,
): Promise<void> {
  const signer = await recover({ ...assignmentTypedData(chain.domain, assignment), signature })
  if (signer && isAddressEqual(signer, order.coordinator)) return
  const details = { signer, coordinator: order.coordinator }
  throw new DuckMeshError('BAD_SIGNATURE', 'The assignment was not signed by the coordinator.', details)
}

function checkSeatCount(order: Order, { round, seats }: Assignment): void {
  const wanted = seatCount(order, round)
  const isCount = wanted >= limits.minSeats && wanted <= limits.maxSeats && wanted % 2 === 1
  if (!isCount) throw outOfBounds('seats', wanted, limits.minSeats)
  if (seats.length !== wanted || new Set(seats).size !== seats.length) {
    throw outOfBounds('seats', seats.length, wanted)
  }
}

/** What only the chain knows: stage, time, money of the buyer and free stake of this node. */
async function checkOnChain(work: RunWork, { chain, journal, providerId }: LoopContext) {
  const { order, jobId, assignment } = work
  const [job, head, provider, freeWei, isUsed, accused] = await Promise.all([
    chain.job(jobId),
    chain.head(),
    chain.provider(providerId),
    chain.freeWei(order.requester),
    chain.nonceUsed(order.requester, order.nonce),
    assignment.round === rounds.dispute ? chain.accusedOf(jobId) : 0,
  ])
  const isFresh = job.status === 'none' && assignment.round === rounds.first
  const isOpenRound = isSeating(job, assignment.round)
  if (!isFresh && !isOpenRound) {
    const details = { status: job.status, round: job.round }
    throw new DuckMeshError('WRONG_STAGE', 'The chain does not wait for seats of this round.', details)
  }
  if (assignment.seats.includes(accused)) {
    const details = { accused, seats: assignment.seats }
    throw new DuckMeshError('NOT_A_SEAT', 'The accused provider cannot judge its own result.', details)
  }
  const deadline = seatBy(order, assignment.round, job)
  if (head.nowSeconds + LEAST_LEAD_SECONDS > deadline) {
    const details = { acceptBy: deadline, now: head.nowSeconds }
    throw new DuckMeshError('ORDER_EXPIRED', 'There is no time left to run this.', details)
  }
  if (isFresh && isUsed) {
    throw new DuckMeshError('NONCE_USED', 'The nonce of the order is used.', { nonce: `${order.nonce}` })
  }
  if (isFresh && freeWei < order.priceWei) {
    const details = { neededWei: `${order.priceWei}`, freeWei: `${freeWei}` }
    throw new DuckMeshError('INSUFFICIENT_FUNDS', 'The requester cannot pay the price.', details)
  }
  const freeStakeWei = provider.stakedWei - provider.lockedWei - reservedWei(journal, jobId)
  if (freeStakeWei < order.bondWei) {
    const details = { neededWei: `${order.bondWei}`, freeWei: `${freeStakeWei}` }
    throw new DuckMeshError('INSUFFICIENT_FUNDS', 'The free stake does not cover the bond.', details)
  }
  return { deadline, checkedAt: head.nowSeconds, blockNumber: head.number }
}
