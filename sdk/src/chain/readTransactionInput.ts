import { chainError } from '@duckmesh/protocol'
import type { Hex } from 'viem'
import type { ClientContext } from '../clients/clientContext.ts'

/**
 * Calldata of a transaction.
 * @throws DuckMeshError `CHAIN_UNAVAILABLE`, `UPSTREAM_ERROR`
 */
export async function readTransactionInput({ publicClient }: ClientContext, hash: Hex): Promise<Hex> {
  try {
    return (await publicClient.getTransaction({ hash })).input
  } catch (thrown) {
    throw chainError(thrown, 'getTransaction')
  }
}
