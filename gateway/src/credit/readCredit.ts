import type { Credit } from '@duckmesh/protocol'
import type { Address } from 'viem'
import { shown, type TransferParts } from './transfers.ts'

/** Transfers that are shown with the credit. */
const SHOWN_TRANSFERS = 50

/** Money of an account that the gateway holds, and where to pay in. */
export async function readCredit(
  { store, chain, minTopUpWei }: TransferParts,
  account: Address,
): Promise<Credit> {
  const [balance, transfers] = await Promise.all([
    store.balance(account),
    store.transfersOf(account, SHOWN_TRANSFERS),
  ])
  const nothing = { freeWei: 0n, heldWei: 0n, spentWei: 0n }
  const { payee, token } = chain
  return { payee, token, ...(balance ?? nothing), minTopUpWei, transfers: transfers.map(shown) }
}
