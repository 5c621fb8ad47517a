import { outcomeFromLogs, type ProviderId, rounds } from '@duckmesh/protocol'
import type { Log } from 'viem'
import type { ChainJob } from '../ports/chain.ts'
import type { Row, RowOutcome } from '../ports/journal.ts'
import { seatBy } from './seatBy.ts'
import { slashOf } from './seatEvents.ts'

/** How long the coordinator may take to close a dispute that was never seated, seconds. */
const GRACE_SECONDS = 5

/** The one thing to do next about a directed job. */
export type DirectStep =
  | 'wait'
  | 'acceptJob'
  | 'run'
  | 'submitResult'
  | 'finalizeJob'
  | 'expireJob'
  | 'finish'

/**
 * Decides what to do about a directed job from its state on chain alone. Pure.
 * @param nowSeconds chain time, unix seconds
 * @param isSafe whether the engine is certain to take the request
 */
export function nextDirectStep(
  row: Row,
  job: ChainJob,
  { nowSeconds, providerId, isSafe }: { nowSeconds: number; providerId: ProviderId; isSafe: boolean },
): DirectStep {
  const { order } = row
  const isMine = job.providerId === providerId
  switch (job.status) {
    case 'none':
      return nowSeconds > order.acceptBy ? 'finish' : 'wait'
    case 'open':
      if (nowSeconds > order.acceptBy) return 'finish'
      return isSafe || row.promised ? 'acceptJob' : 'run'
    case 'active':
      if (!isMine) return 'finish'
      if (nowSeconds > job.at + order.execWindow) return 'wait' // late: the requester will expire it
      return row.promised ? 'submitResult' : 'run'
    case 'submitted':
      if (!isMine) return 'finish'
      return nowSeconds > job.at + order.disputeWindow ? 'finalizeJob' : 'wait'
    case 'disputed':
      // who is paid when nobody seats the re-execution is this node, so it sees to it
      return nowSeconds > seatBy(order, rounds.dispute, job) + GRACE_SECONDS ? 'expireJob' : 'wait'
    case 'paid':
    case 'refunded':
    case 'failed':
      return 'finish'
    default:
      return 'wait' // the seats of a re-execution decide
  }
}

/** How a directed job ended for this node, from the contract's own events. */
export function directOutcome(logs: Log[], job: ChainJob, providerId: ProviderId): RowOutcome {
  const outcome = outcomeFromLogs(logs, new Map())
  const isOpened = outcome?.outputHash != null
  const slash = slashOf(logs, providerId)
  const earnedWei = outcome?.paid.find((seat) => seat.providerId === providerId)?.earnedWei ?? 0n
  if (slash) {
    return { kind: 'slashed', earnedWei, lostWei: slash.lostWei, slashReason: slash.reason, isOpened }
  }
  const rest = { earnedWei, lostWei: 0n, slashReason: null, isOpened }
  if (earnedWei > 0n || job.status === 'paid') return { kind: 'paid', ...rest }
  return { kind: outcome ? 'refunded' : 'expired', ...rest }
}
