import type { Address } from 'viem'
import { meshEvents } from '../../chain/meshEvents.ts'
import { readMesh } from '../../chain/readMesh.ts'
import type { ClientContext } from '../../clients/clientContext.ts'

/** Accounts of the ledger. */
export type LedgerAccounts = {
  accounts: Address[]
  /** All that was ever deposited, DUCK wei. */
  depositedWei: bigint
}

/**
 * Every account that can have a free balance. Balance comes in by a deposit, is earned by the owner of a provider, or is
 * a fee; refunds and compensation go to requesters and challengers, who had deposited or earned before.
 */
export async function readLedgerAccounts(context: ClientContext, toBlock: bigint): Promise<LedgerAccounts> {
  const [deposits, registered, { treasury }] = await Promise.all([
    meshEvents(context, 'Deposited', {}, toBlock),
    meshEvents(context, 'ProviderRegistered', {}, toBlock),
    readMesh(context, 'params', []),
  ])
  const depositors = deposits.map((event) => event.args.account)
  const owners = registered.map((event) => event.args.owner)
  return {
    accounts: [...new Set([...depositors, ...owners, treasury])],
    depositedWei: deposits.reduce((sum, event) => sum + event.args.amountWei, 0n),
  }
}
