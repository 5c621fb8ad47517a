import {
  chainError,
  duckMeshAbi,
  type JobId,
  type OnchainStatus,
  type Outcome,
  onchainStatusName,
  outcomeFromLogs,
  type ProviderId,
  rounds as roundNumbers,
} from '@duckmesh/protocol'
import { type Address, type Hex, type Log, numberToHex, parseEventLogs, type RpcLog } from 'viem'
import { formatLog } from 'viem/utils'
import type { ClientContext } from '../clients/clientContext.ts'
import { closingOpenings, paidCommitments } from './closingOpenings.ts'
import { inBlockRanges } from './inBlockRanges.ts'
import { readMesh } from './readMesh.ts'

/** One round of a job whose seats were bound on chain, or paid there at once. */
export type AnchoredRound = {
  round: number
  seats: readonly ProviderId[]
  /**
   * In seat order; zero for a seat that never committed. Empty when the seats were paid at once by way of another
   * contract: then the chain shows their output without what they had committed to.
   */
  commitments: readonly Hex[]
  /** Whether `settleSeats` paid the seats: never anchored, so nothing was in escrow and nothing comes back. */
  isPaidAtOnce: boolean
  blockNumber: bigint
  /** Openings that the chain has seen: by event, or in the calldata of the closing transaction. */
  opened: ReadonlyMap<ProviderId, Hex>
  /** Whether `opened` is all that the contract had when it closed the round. */
  isOpenedKnown: boolean
  /** How the round was closed; undefined while it is open. */
  closed: { outputHash: Hex; winnersMask: bigint } | undefined
}

/** A dispute of a submitted result. */
export type DisputeOnChain = {
  challenger: Address
  /** Provider whose result is disputed. */
  accused: ProviderId
  bondWei: bigint
  /** Output hash that the challenger says is right. */
  claimedOutputHash: Hex
  /** Whether another output was found; undefined while the dispute is open. */
  upheld: boolean | undefined
}

/** Everything that the chain knows about a job. */
export type JobOnChain = {
  /** As the contract keeps it; `paid` also for a job whose seats were paid at once, for which it keeps no word. */
  status: OnchainStatus
  /** Provider of the on-chain lane, 0 otherwise. */
  providerId: ProviderId
  rounds: AnchoredRound[]
  /** What happened to the money, from the events; undefined while the job is not closed. */
  outcome: Outcome | undefined
  /** Output hash that the provider of the on-chain lane submitted. */
  outputHash: Hex | undefined
  /** Dispute of the on-chain lane, open or resolved. */
  dispute: DisputeOnChain | undefined
  /** Transactions that changed the job, by event, oldest first. */
  transactions: { kind: string; hash: Hex }[]
}

/**
 * Reads what the chain knows about a job, from its events and one view. Needs no coordinator.
 * @throws DuckMeshError `CHAIN_UNAVAILABLE`
 */
export async function readJobOnChain(context: ClientContext, jobId: JobId): Promise<JobOnChain> {
  const [job, logs] = await Promise.all([readMesh(context, 'jobOf', [jobId]), jobLogs(context, jobId)])
  const events = parseEventLogs({ abi: duckMeshAbi, logs })
  const anchored = events.filter((event) => event.eventName === 'SeatsAnchored')
  const rounds = anchored.map(async ({ args, blockNumber }): Promise<AnchoredRound> => {
    const { round, seats, commitments } = args
    const close = events.find((e) => e.eventName === 'RedundantClosed' && e.args.round === round)
    const byEvent = events.flatMap((e) =>
      e.eventName === 'SeatOpened' && e.args.round === round
        ? [[e.args.providerId, e.args.outputHash] as const]
        : [],
    )
    const byCalldata = close ? await closingOpenings(context, close.transactionHash, args) : undefined
    const closed = close?.eventName === 'RedundantClosed' ? close.args : undefined
    const opened = new Map([...(byCalldata ?? []), ...byEvent])
    const isOpenedKnown = byCalldata !== undefined
    const isPaidAtOnce = false
    return { round, seats, commitments, isPaidAtOnce, blockNumber, opened, isOpenedKnown, closed }
  })
  const settled = events.filter((event) => event.eventName === 'SeatsSettled')
  const paidRounds = settled.map(async ({ args, blockNumber, transactionHash }): Promise<AnchoredRound> => {
    const { seats, outputHash } = args
    const commitments = await paidCommitments(context, transactionHash, args)
    const opened = new Map(seats.map((providerId) => [providerId, outputHash]))
    const closed = { outputHash, winnersMask: (1n << BigInt(seats.length)) - 1n }
    const paid = { isPaidAtOnce: true, isOpenedKnown: true, opened, closed }
    return { round: roundNumbers.first, seats, commitments, blockNumber, ...paid }
  })
  const completed = events.find((event) => event.eventName === 'JobCompleted')
  const disputed = events.find((event) => event.eventName === 'JobDisputed')
  const resolved = events.find((event) => event.eventName === 'DisputeResolved')
  return {
    status: settled.length > 0 ? 'paid' : onchainStatusName(job.status),
    providerId: job.providerId,
    rounds: await Promise.all([...rounds, ...paidRounds]),
    outcome: outcomeFromLogs(logs, new Map(anchored.map(({ args }) => [args.round, args.seats]))),
    outputHash: completed?.args.outputHash,
    dispute: disputed && {
      challenger: disputed.args.challenger,
      accused: completed?.args.providerId ?? 0,
      bondWei: disputed.args.bondWei,
      claimedOutputHash: disputed.args.claimedOutputHash,
      upheld: resolved?.args.upheld,
    },
    transactions: events.map(({ eventName, transactionHash }) => ({
      kind: eventName,
      hash: transactionHash,
    })),
  }
}

// the job id is the first or the second indexed field of every event about a job
async function jobLogs({ publicClient, domain, fromBlock }: ClientContext, jobId: JobId): Promise<Log[]> {
  const address = domain.verifyingContract
  const filters = [
    [null, jobId],
    [null, null, jobId],
  ]
  try {
    const last = await publicClient.getBlockNumber({ cacheTime: 0 })
    const found = await Promise.all(
      filters.map((topics) =>
        inBlockRanges<RpcLog>(fromBlock, last, (range) => {
          const blocks = { fromBlock: numberToHex(range.fromBlock), toBlock: numberToHex(range.toBlock) }
          return publicClient.request({ method: 'eth_getLogs', params: [{ address, topics, ...blocks }] })
        }),
      ),
    )
    const logs = found.flat().map((log) => formatLog(log) as Log<bigint, number, false>)
    return logs.sort((a, b) => Number(a.blockNumber - b.blockNumber) || a.logIndex - b.logIndex)
  } catch (thrown) {
    throw chainError(thrown, 'reading the events of a job')
  }
}
