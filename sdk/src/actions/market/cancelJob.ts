import type { Order } from '@duckmesh/protocol'
import type { Hex } from 'viem'
import { sendToMesh } from '../../chain/sendTransaction.ts'
import type { ClientContext } from '../../clients/clientContext.ts'

/**
 * Takes back a posted job that nobody accepted yet; the price is free at once. Only its requester may.
 * @returns transaction hash
 * @throws DuckMeshError `CHAIN_REVERTED` with reason `BadState` or `NotRequester`
 */
export const cancelJob = (context: ClientContext, order: Order): Promise<Hex> =>
  sendToMesh(context, { functionName: 'cancelJob', args: [order] })
