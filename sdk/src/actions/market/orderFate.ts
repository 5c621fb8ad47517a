import { chainError, type JobId, type OnchainStatus } from '@duckmesh/protocol'
import { readJobOnChain } from '../../chain/jobOnChain.ts'
import { readMesh } from '../../chain/readMesh.ts'
import { type ClientContext, walletOf } from '../../clients/clientContext.ts'

/** What became of the orders that share a nonce, as the chain says. */
export type OrderFate =
  /** None was entered, each still could be; at most one will. */
  | { is: 'open' }
  /** This one was entered: it is being served, or it was paid. */
  | { is: 'entered'; jobId: JobId; status: OnchainStatus }
  /** The one that was entered was refunded, and no other can be entered. */
  | { is: 'refunded' }
  /** The nonce was voided, or used by an order that is not known here. */
  | { is: 'unknown' }

/**
 * Asks the chain, and nobody else, what became of orders.
 * @param nonce of all of them
 * @throws DuckMeshError `CHAIN_UNAVAILABLE`
 */
export async function orderFate(
  context: ClientContext,
  nonce: bigint,
  jobIds: readonly JobId[],
): Promise<OrderFate> {
  const blockNumber = await context.publicClient.getBlockNumber({ cacheTime: 0 }).catch((thrown: unknown) => {
    throw chainError(thrown, 'getBlockNumber')
  })
  // the nonce first and at an older block: whatever used it is seen by the reads that follow
  const requester = walletOf(context).account.address
  if (!(await readMesh(context, 'nonceUsed', [requester, nonce], blockNumber))) return { is: 'open' }
  const statuses = await Promise.all(
    jobIds.map(async (jobId) => (await readJobOnChain(context, jobId)).status),
  )
  const index = statuses.findIndex((status) => status !== 'none')
  const [jobId, status] = [jobIds[index], statuses[index]]
  if (!jobId || !status) return { is: 'unknown' }
  return status === 'refunded' || status === 'failed' ? { is: 'refunded' } : { is: 'entered', jobId, status }
}
