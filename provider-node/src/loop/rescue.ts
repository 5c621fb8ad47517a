import { settleBy } from '@duckmesh/protocol'
import type { AnchoredSeats, ChainJob } from '../ports/chain.ts'
import type { Row, RowOutcome } from '../ports/journal.ts'
import { isSeating, seatBy } from './seatBy.ts'

/** Time that a transaction may need before a deadline, seconds. */
const SEND_SECONDS = 2
/** How long a coordinator that answers may take to close a job before the seats do it, seconds. */
const GRACE_SECONDS = 5
/** Before the seating deadline a promise goes on chain by itself, even if the coordinator answers, seconds. */
const LAST_CALL_SECONDS = 5
/** How far an endpoint may lag: an anchor of the last moment may be shown this much after the deadline, seconds. */
const LAG_SECONDS = 5
/** Later seats wait longer to close, so that they do not all pay for the same call. */
const STAGGER_SECONDS = 2

/** What is known about a promised seat at one moment. */
export type SeatSight = {
  /** Chain time, unix seconds. */
  nowSeconds: number
  job: ChainJob
  /** How the round ended, or that its seats were paid at once; undefined before. */
  outcome: RowOutcome | undefined
  /** Anchored seats of the row's round. */
  anchored: AnchoredSeats | undefined
  /** Whether the events, and all that is read from them here, go as far as `job`. */
  areLogsCurrent: boolean
  /** This node's place among the anchored seats, or -1. */
  index: number
  /** This node's place in its assignment. */
  assignedIndex: number
  /** Whether `commitSeat` of this node is on chain. */
  isCommitted: boolean
  /** For each anchored seat, whether its opening is stored on chain. */
  hasOpening: boolean[]
  /** How long the coordinator has not answered, ms; 0 while it does. */
  coordinatorGoneMs: number
  /** How long this process has tried in vain to give its opening to the coordinator, ms. */
  ignoredMs: number
}

/** The one thing to do next about a promised seat. */
export type SeatStep =
  | { do: 'wait' | 'commitSeat' | 'sealSeats' | 'sendOpening' | 'openSeat' | 'closeSeats' }
  | { do: 'finish'; outcome: RowOutcome }

const wait: SeatStep = { do: 'wait' }
const neverBound: SeatStep = {
  do: 'finish',
  outcome: { kind: 'expired', earnedWei: 0n, lostWei: 0n, slashReason: null, isOpened: false },
}

/**
 * Decides, from the state of the chain alone, how a promised seat gets to its money, with the coordinator or
 * without it. Pure: the caller reads, acts, and asks again.
 * @param rescueAfterMs how long the coordinator may be silent
 */
export function nextSeatStep(row: Row, sight: SeatSight, rescueAfterMs: number): SeatStep {
  const { job, outcome, nowSeconds } = sight
  if (outcome)
    return owesResult(row, sight, rescueAfterMs) ? { do: 'sendOpening' } : { do: 'finish', outcome }
  const isFresh = job.status === 'none' && row.round === 0
  if (isFresh || isSeating(job, row.round)) return seatingStep(row, sight, rescueAfterMs)
  if (job.status === 'none') return nowSeconds > row.order.acceptBy + LAG_SECONDS ? neverBound : wait
  if (job.status === 'submitted') return wait // the chain undid the dispute; it comes again, or the job is paid
  // an anchor whose event is not to be seen yet binds this node all the same
  if (!sight.areLogsCurrent) return wait
  if (job.status !== 'anchored' || job.round !== row.round || sight.index < 0) return neverBound
  return anchoredStep(row, sight, rescueAfterMs)
}

/**
 * Paid at once, so that the job has no word on chain, and the coordinator has the hash alone: the result still goes there.
 * Where that fails, the buyer asks this node for it.
 */
const owesResult = (
  { openingAcceptedAtMs }: Row,
  { job, coordinatorGoneMs, ignoredMs }: SeatSight,
  rescueAfterMs: number,
): boolean =>
  job.status === 'none' &&
  openingAcceptedAtMs === null &&
  coordinatorGoneMs < rescueAfterMs &&
  ignoredMs < rescueAfterMs

/** Not all seats are bound yet. */
function seatingStep(row: Row, sight: SeatSight, rescueAfterMs: number): SeatStep {
  const { job, nowSeconds, isCommitted, coordinatorGoneMs } = sight
  const deadline = seatBy(row.order, row.round, job)
  const isGone = coordinatorGoneMs >= rescueAfterMs
  if (nowSeconds > deadline) {
    // whoever has all reveals may still bring them when nothing can be anchored any more
    const lastSecond = row.reveal && job.status === 'none' ? settleBy(row.order) : deadline
    if (!isCommitted) return nowSeconds > lastSecond + LAG_SECONDS ? neverBound : wait
    const graceSeconds = (isGone ? 0 : GRACE_SECONDS) + sight.assignedIndex * STAGGER_SECONDS
    return nowSeconds > deadline + graceSeconds ? { do: 'sealSeats' } : wait
  }
  // a coordinator that answers and never anchors would let finished work expire unpaid
  const isLastCall = deadline - nowSeconds <= LAST_CALL_SECONDS
  const isInTime = nowSeconds + SEND_SECONDS <= deadline
  return (isGone || isLastCall) && !isCommitted && isInTime ? { do: 'commitSeat' } : wait
}

/** All seats are bound; this one has to be opened before the reveal deadline, or its bond is lost. */
function anchoredStep(row: Row, sight: SeatSight, rescueAfterMs: number): SeatStep {
  const { job, nowSeconds, coordinatorGoneMs, hasOpening, ignoredMs, index } = sight
  const revealBy = job.at + row.order.execWindow
  const isGone = coordinatorGoneMs >= rescueAfterMs
  if (nowSeconds > revealBy) {
    const graceSeconds = (isGone ? 0 : GRACE_SECONDS) + index * STAGGER_SECONDS
    return nowSeconds > revealBy + graceSeconds ? { do: 'closeSeats' } : wait
  }
  const isAccepted = row.openingAcceptedAtMs !== null
  const isIgnored = !isAccepted && ignoredMs >= rescueAfterMs
  // a coordinator that took the opening and does not bring it to the chain would cost the bond
  const isUrgent = revealBy - nowSeconds <= urgentSeconds(row.order.execWindow)
  if (!isGone && !isIgnored && !isUrgent) return isAccepted ? wait : { do: 'sendOpening' }
  if (isClosable(sight)) return { do: 'closeSeats' }
  if (!hasOpening[index]) return { do: 'openSeat' }
  // the chain has the hash alone: without the coordinator the buyer would not get the answer
  return isAccepted || isGone ? wait : { do: 'sendOpening' }
}

const urgentSeconds = (execWindow: number): number =>
  Math.max(SEND_SECONDS, Math.min(15, Math.floor(execWindow / 3)))

/** Whether every other seat is opened, never committed, or a copy of this node's own commitment. */
function isClosable({ anchored, hasOpening, index }: SeatSight): boolean {
  if (!anchored) return false
  return anchored.commitments.every(
    (commitment, at) =>
      at === index ||
      hasOpening[at] ||
      /^0x0+$/.test(commitment) ||
      commitment === anchored.commitments[index],
  )
}
