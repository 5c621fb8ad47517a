import { chainError, DuckMeshError } from '@duckmesh/protocol'
import type { Address } from 'viem'
import { readMesh, readToken } from '../../chain/readMesh.ts'
import type { ClientContext } from '../../clients/clientContext.ts'

/** What an account owns. Amounts are wei. */
export type Balance = {
  account: Address
  /** DUCK in the wallet. */
  walletWei: bigint
  /** DUCK in DuckMesh that is neither staked nor in escrow: what orders are paid from and what can be withdrawn. */
  freeWei: bigint
  /** The chain's own coin, for transaction fees. */
  gasWei: bigint
}

/**
 * Reads what an account owns.
 * @param account the client's own account if left out
 * @throws DuckMeshError `BAD_CONFIG` without any account, `CHAIN_UNAVAILABLE`
 */
export async function getBalance(context: ClientContext, account?: Address): Promise<Balance> {
  const address = account ?? context.wallet?.account.address
  if (!address) throw new DuckMeshError('BAD_CONFIG', 'Name an account.', { setting: 'account' })
  const gas = context.publicClient.getBalance({ address }).catch((thrown: unknown) => {
    throw chainError(thrown, 'getBalance')
  })
  const [walletWei, freeWei, gasWei] = await Promise.all([
    readToken(context, 'balanceOf', [address]),
    readMesh(context, 'accountOf', [address]),
    gas,
  ])
  return { account: address, walletWei, freeWei, gasWei }
}
