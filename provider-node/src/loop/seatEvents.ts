import {
  duckMeshAbi,
  judgeShareWei,
  outcomeFromLogs,
  type ProviderId,
  rounds,
  slashReasonName,
} from '@duckmesh/protocol'
import { type Log, parseEventLogs } from 'viem'
import type { AnchoredSeats, ChainJob } from '../ports/chain.ts'
import type { Row, RowOutcome } from '../ports/journal.ts'

/** Seats and commitments of a round from the contract's own events; undefined before it is anchored. */
export function anchoredSeats(logs: Log[], round: number): AnchoredSeats | undefined {
  const events = parseEventLogs({ abi: duckMeshAbi, logs, eventName: 'SeatsAnchored' })
  const found = events.find((event) => event.args.round === round)
  return found && { seats: [...found.args.seats], commitments: [...found.args.commitments] }
}

/** Seats that were paid at once for the output that this node promised; undefined when they were not. */
export function settledSeats(
  logs: Log[],
  { promised, reveal }: Row,
  providerId: ProviderId,
): (AnchoredSeats & { shareWei: bigint }) | undefined {
  const events = parseEventLogs({ abi: duckMeshAbi, logs, eventName: 'SeatsSettled' })
  const found = events.find(
    ({ args }) => args.outputHash === promised?.outputHash && args.seats.includes(providerId),
  )
  if (!found || !reveal) return undefined
  const { seats, shareWei } = found.args
  // the contract paid over the digest that this node had signed
  return { seats: [...seats], commitments: reveal.commitments, shareWei }
}

/**
 * Whether the events tell as much as the state does. An endpoint may show a new state a moment before its events, and
 * what is missing there must not pass for what never was.
 * @param logs logs of DuckMesh that name the job, read after `job`
 */
export function areLogsCurrent(logs: Log[], job: ChainJob): boolean {
  switch (job.status) {
    case 'anchored':
      return anchoredSeats(logs, job.round) !== undefined
    case 'reseating': {
      const closings = parseEventLogs({ abi: duckMeshAbi, logs, eventName: 'RedundantClosed' })
      return closings.some((event) => event.args.round === job.round - 1)
    }
    case 'paid':
    case 'refunded':
    case 'failed':
      return outcomeFromLogs(logs, new Map()) !== undefined
    default:
      return true
  }
}

/** Index of this node's promise among the anchored seats; -1 when the anchor does not bind it. */
export function seatIndex(row: Row, anchored: AnchoredSeats, providerId: ProviderId): number {
  const index = anchored.seats.indexOf(providerId)
  return index >= 0 && anchored.commitments[index] === row.promised?.seat?.commitment ? index : -1
}

/** A lost bond as the contract reported it. */
export function slashOf(
  logs: Log[],
  providerId: ProviderId,
): { lostWei: bigint; reason: string } | undefined {
  const events = parseEventLogs({ abi: duckMeshAbi, logs, eventName: 'ProviderSlashed' })
  const found = events.find((event) => event.args.providerId === providerId)
  if (!found) return undefined
  const { toRequester, toSeats, burned, reason } = found.args
  return { lostWei: toRequester + toSeats + burned, reason: slashReasonName(reason) }
}

/**
 * How a round ended for this node's seat.
 * @param logs logs of DuckMesh that name the job
 * @returns undefined while the round is not closed
 */
export function seatOutcome(logs: Log[], row: Row, providerId: ProviderId): RowOutcome | undefined {
  const nothing = { earnedWei: 0n, lostWei: 0n, slashReason: null }
  const settled = settledSeats(logs, row, providerId)
  if (settled) return { kind: 'paid', ...nothing, earnedWei: settled.shareWei, isOpened: true }
  const closings = parseEventLogs({ abi: duckMeshAbi, logs, eventName: 'RedundantClosed' })
  const closed = closings.find((event) => event.args.round === row.round)
  const anchored = anchoredSeats(logs, row.round)
  if (!closed || !anchored) return undefined
  const index = seatIndex(row, anchored, providerId)
  if (index < 0) return { kind: 'expired', ...nothing, isOpened: false }
  if ((closed.args.winnersMask >> BigInt(index)) & 1n) {
    const outcome = outcomeFromLogs(logs, new Map([[row.round, anchored.seats]]))
    const paidWei = outcome?.paid.find((seat) => seat.providerId === providerId)?.earnedWei ?? 0n
    // the work of a judge came after the dispute, whose event says how large the bond is
    const winners = anchored.seats.filter((_seat, at) => (closed.args.winnersMask >> BigInt(at)) & 1n).length
    const isJudge = row.round === rounds.dispute
    const earnedWei = isJudge ? judgeShareWei(row.order.bondWei, winners) : paidWei
    return { kind: 'paid', ...nothing, earnedWei, isOpened: true }
  }
  const slash = slashOf(logs, providerId)
  if (!slash) return { kind: 'unpaid', ...nothing, isOpened: true }
  const isOpened = slash.reason === 'minority'
  return { kind: 'slashed', earnedWei: 0n, lostWei: slash.lostWei, slashReason: slash.reason, isOpened }
}
