import { DuckMeshError, type Order, orderTypedData, recover } from '@duckmesh/protocol'
import { type Hex, hashTypedData, isAddressEqual } from 'viem'
import type { Chain } from '../ports/chain.ts'

/**
 * Checks that the requester signed the order: with its key, or as a contract by ERC-1271, like the contract does.
 * @throws DuckMeshError `BAD_SIGNATURE`
 */
export async function checkOrderSignature(chain: Chain, order: Order, signature: Hex): Promise<void> {
  const typedData = orderTypedData(chain.domain, order)
  const signer = await recover({ ...typedData, signature })
  if (signer && isAddressEqual(signer, order.requester)) return
  if (await chain.isAcceptedByContract(order.requester, hashTypedData(typedData), signature)) return
  const details = { signer, requester: order.requester }
  throw new DuckMeshError('BAD_SIGNATURE', 'The order was not signed by its requester.', details)
}
