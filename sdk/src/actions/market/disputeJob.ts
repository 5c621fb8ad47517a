import { DuckMeshError, hashCanonical, type JobId, jobIdOf } from '@duckmesh/protocol'
import { type Hex, isAddressEqual } from 'viem'
import { readJobOnChain } from '../../chain/jobOnChain.ts'
import { sendToMesh } from '../../chain/sendTransaction.ts'
import type { ClientContext } from '../../clients/clientContext.ts'
import { retry } from '../../transport/retry.ts'
import type { PreparedJob } from './prepareJob.ts'

/** A dispute that is on chain and known to the coordinator. */
export type OpenDispute = {
  jobId: JobId
  /** Transaction of the dispute; undefined when an earlier call or somebody else had disputed the job already. */
  transactionHash: Hex | undefined
}

/**
 * Disputes the submitted result of an on-chain lane job: locks the bond on chain, then brings the request to the
 * coordinator, so that three other providers run it again. Calling it again after any error goes on where it ended.
 *
 * Warning: locks `order.bondWei` of the account's free balance, which is lost when their majority agrees with the
 * provider. Dispute only after running the job yourself.
 * @param job order and request as `submitDirectJob` gave them
 * @param claimedOutputHash canonical hash of the result that should have come
 * @throws DuckMeshError before anything is locked: `INPUT_MISMATCH`, `WRONG_COORDINATOR` (this client talks to another
 * one), `CHAIN_REVERTED` with reason `Expired`, `NoBond`, `NoCoordinator`, `SameOutput` or `InsufficientFree`; after it:
 * what the coordinator refused with, with the hash in `details.transactionHash`
 */
export async function disputeJob(
  context: ClientContext,
  { order, request }: Pick<PreparedJob, 'order' | 'request'>,
  claimedOutputHash: Hex,
): Promise<OpenDispute> {
  const { coordinator, domain, info } = context
  if (hashCanonical(request) !== order.inputHash) {
    throw new DuckMeshError('INPUT_MISMATCH', 'The request is not the one that was ordered.')
  }
  if (!isAddressEqual(order.coordinator, info.address)) {
    const message = 'The order names another coordinator than this client talks to.'
    throw new DuckMeshError('WRONG_COORDINATOR', message, { have: info.address, want: order.coordinator })
  }
  const jobId = jobIdOf(domain, order)
  const { dispute } = await readJobOnChain(context, jobId)
  const transactionHash = dispute
    ? undefined
    : await sendToMesh(context, { functionName: 'disputeJob', args: [order, claimedOutputHash] })
  try {
    await retry(() => coordinator.dispute({ domain, order, request }))
    return { jobId, transactionHash }
  } catch (thrown) {
    const error = DuckMeshError.from(thrown)
    const details = { ...error.details, jobId, transactionHash }
    throw new DuckMeshError(error.code, error.message, details, { cause: error })
  }
}
