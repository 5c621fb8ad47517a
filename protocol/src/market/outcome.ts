import { type Hex, type Log, parseEventLogs } from 'viem'
import { slashReasonName } from '../constants.ts'
import { duckMeshAbi } from '../generated/abi.ts'
import type { ProviderId } from '../ids.ts'
import type { Outcome } from '../schemas/job.ts'
import { judgeShareWei, rounds } from './rounds.ts'

/** Seats of the rounds of a job, by round, in the order of the assignment. */
export type SeatsByRound = ReadonlyMap<number, readonly ProviderId[]>

/**
 * What the closing of a job did with its money, from the contract's own events.
 * @param logs logs of DuckMesh that name the job, from its first event on, oldest first
 * @param seats seats of each round: the winners mask counts them in this order
 * @returns undefined while the job is not closed
 */
export function outcomeFromLogs(logs: Log[], seats: SeatsByRound): Outcome | undefined {
  const events = parseEventLogs({ abi: duckMeshAbi, logs })
  const outcome: Outcome = { outputHash: null, paid: [], refundedWei: 0n, slashed: [] }
  let isClosed = false
  let winners: ProviderId[] = []
  let judges: Outcome['paid'] = []
  let disputeBondWei = 0n
  for (const event of events) {
    if (event.eventName === 'ProviderSlashed') {
      const { providerId, reason, toRequester, toSeats, burned } = event.args
      outcome.slashed.push({
        providerId,
        reason: slashReasonName(reason),
        toRequesterWei: toRequester,
        toSeatsWei: toSeats,
        burnedWei: burned,
      })
    } else if (event.eventName === 'JobDisputed') {
      disputeBondWei = event.args.bondWei
    } else if (event.eventName === 'RedundantClosed') {
      const { round, outputHash, winnersMask } = event.args
      winners = (seats.get(round) ?? []).filter((_id, index) => (winnersMask >> BigInt(index)) & 1n)
      if (round !== rounds.dispute) {
        outcome.outputHash = isZero(outputHash) ? null : outputHash
      } else if (!isZero(outputHash)) {
        // without a majority the submitted output stands; judges are paid without an event of their own
        outcome.outputHash = outputHash
        const earnedWei = judgeShareWei(disputeBondWei, countBits(winnersMask))
        judges = winners.map((id) => ({ providerId: id, earnedWei }))
      }
    } else if (event.eventName === 'JobCompleted') {
      outcome.outputHash = event.args.outputHash
    } else if (event.eventName === 'JobFinalized') {
      const { providerId, paidWei, refundedWei } = event.args
      isClosed = true
      const paidTo = providerId === 0 ? winners : [providerId]
      const earnedWei = paidTo.length > 0 ? paidWei / BigInt(paidTo.length) : 0n
      outcome.paid = paidTo.map((id) => ({ providerId: id, earnedWei }))
      outcome.refundedWei = refundedWei
    } else if (event.eventName === 'SeatsSettled') {
      const { outputHash, shareWei } = event.args
      isClosed = true
      outcome.outputHash = outputHash
      // the shares alone were taken: what they leave of the price never moved, so nothing comes back
      outcome.paid = event.args.seats.map((id) => ({ providerId: id, earnedWei: shareWei }))
    } else if (event.eventName === 'JobRefunded' || event.eventName === 'JobExpired') {
      isClosed = true
      outcome.refundedWei = event.args.refundWei
    }
  }
  outcome.paid.push(...judges)
  return isClosed ? outcome : undefined
}

const countBits = (mask: bigint): number => mask.toString(2).replaceAll('0', '').length

const isZero = (hash: Hex): boolean => /^0x0+$/.test(hash)
