import type { Address, Hex } from 'viem'
import { sendToMesh } from '../../chain/sendTransaction.ts'
import { type ClientContext, walletOf } from '../../clients/clientContext.ts'

/**
 * Sends free balance out of DuckMesh. No state of any job can block it.
 * @param amountWei DUCK wei
 * @param to receiver, the account itself if left out
 * @returns transaction hash
 * @throws DuckMeshError `CHAIN_REVERTED` with reason `InsufficientFree` or `InvalidRecipient`, `CHAIN_UNAVAILABLE`
 */
export function withdraw(context: ClientContext, amountWei: bigint, to?: Address): Promise<Hex> {
  const args = [amountWei, to ?? walletOf(context).account.address] as const
  return sendToMesh(context, { functionName: 'withdraw', args })
}
