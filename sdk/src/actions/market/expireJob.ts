import type { Order } from '@duckmesh/protocol'
import type { Hex } from 'viem'
import { sendToMesh } from '../../chain/sendTransaction.ts'
import type { ClientContext } from '../../clients/clientContext.ts'

/**
 * Closes a job whose deadline passed; the price goes back to its requester. Anybody may.
 * @returns transaction hash
 * @throws DuckMeshError `CHAIN_REVERTED` with reason `TooEarly` or `BadState`
 */
export const expireJob = (context: ClientContext, order: Order): Promise<Hex> =>
  sendToMesh(context, { functionName: 'expireJob', args: [order] })
