import type { Order } from '@duckmesh/protocol'
import type { Hex } from 'viem'
import { sendToMesh } from '../../chain/sendTransaction.ts'
import type { ClientContext } from '../../clients/clientContext.ts'

/**
 * Disputes the submitted result of an on-chain lane job: three other providers run it again.
 *
 * Warning: locks `order.bondWei` of the account's free balance, which is lost when their majority agrees with the
 * provider. Dispute only after running the job yourself.
 * @param claimedOutputHash canonical hash of the result that should have come
 * @returns transaction hash
 * @throws DuckMeshError `CHAIN_REVERTED` with reason `Expired`, `NoBond`, `NoCoordinator`, `SameOutput` or
 * `InsufficientFree`
 */
export const disputeJob = (context: ClientContext, order: Order, claimedOutputHash: Hex): Promise<Hex> =>
  sendToMesh(context, { functionName: 'disputeJob', args: [order, claimedOutputHash] })
