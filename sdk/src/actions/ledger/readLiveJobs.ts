import {
  DuckMeshError,
  duckMeshAbi,
  type JobId,
  jobIdOf,
  type OnchainStatus,
  type Order,
  onchainStatusName,
} from '@duckmesh/protocol'
import { type Hex, zeroAddress } from 'viem'
import { decodeMeshCall } from '../../chain/closingOpenings.ts'
import { meshEvents } from '../../chain/meshEvents.ts'
import { readMesh } from '../../chain/readMesh.ts'
import { readTransactionInput } from '../../chain/readTransactionInput.ts'
import type { ClientContext } from '../../clients/clientContext.ts'
import { inBatches } from '../../transport/inBatches.ts'

/** A job whose price is in escrow. */
export type LiveJob = {
  jobId: JobId
  order: Order
  /** Bond of the challenger in an open dispute, DUCK wei; 0 without one. */
  challengerBondWei: bigint
}

const CLOSED: ReadonlySet<OnchainStatus> = new Set(['none', 'paid', 'refunded', 'failed'])

/**
 * Every job whose price is in escrow at a block, with its order. Orders are not stored on chain: they come from the
 * JobPosted event, from the calldata that entered the job, or from the coordinator, and always hash to the job id.
 * @throws DuckMeshError `UPSTREAM_ERROR` when the order of a job is in none of them
 */
export async function readLiveJobs(context: ClientContext, blockNumber: bigint): Promise<LiveJob[]> {
  const [posted, anchored, committed] = await Promise.all([
    meshEvents(context, 'JobPosted', {}, blockNumber),
    meshEvents(context, 'SeatsAnchored', {}, blockNumber),
    meshEvents(context, 'SeatCommitted', {}, blockNumber),
  ])
  const orders = new Map<JobId, Order>(posted.map(({ args }) => [args.jobId, args.order]))
  const entered = new Map<JobId, Hex>()
  for (const { args, transactionHash } of [...anchored, ...committed])
    entered.set(args.jobId, transactionHash)
  const jobIds = [...new Set([...orders.keys(), ...entered.keys()])]
  const found = await inBatches(jobIds, async (jobId): Promise<LiveJob | undefined> => {
    const job = await readMesh(context, 'jobOf', [jobId], blockNumber)
    if (CLOSED.has(onchainStatusName(job.status))) return undefined
    const order = orders.get(jobId) ?? (await findOrder(context, jobId, entered.get(jobId)))
    const { challenger } = await readMesh(context, 'disputeOf', [jobId], blockNumber)
    return { jobId, order, challengerBondWei: challenger === zeroAddress ? 0n : order.bondWei }
  })
  return found.filter((job) => job !== undefined)
}

async function findOrder(context: ClientContext, jobId: JobId, transaction: Hex | undefined): Promise<Order> {
  const isOrder = (order: Order | undefined): order is Order =>
    order !== undefined && jobIdOf(context.domain, order) === jobId
  const fromCalldata = transaction && orderIn(await readTransactionInput(context, transaction))
  if (isOrder(fromCalldata)) return fromCalldata
  const { order } = await context.coordinator.status(jobId)
  if (isOrder(order)) return order
  throw new DuckMeshError('UPSTREAM_ERROR', `The order of job ${jobId} is nowhere to be found.`, { jobId })
}

function orderIn(data: Hex): Order | undefined {
  const call = decodeMeshCall(data)
  const input = duckMeshAbi.find((item) => item.type === 'function' && item.name === call?.functionName)
  const takesOrder = input?.type === 'function' && input.inputs[0]?.name === 'order'
  return takesOrder ? (call?.args?.[0] as Order) : undefined
}
