import { type Credit, DuckMeshError, type Transfer } from '@duckmesh/protocol'
import type { Address } from 'viem'
import type { CreditChain } from './creditChain.ts'
import type { TransferRecord } from './creditStore.ts'
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
  const looked = await Promise.all(transfers.map((transfer) => look(chain, transfer)))
  return { payee, token, ...(balance ?? nothing), minTopUpWei, transfers: looked }
}

/** A transfer with how far it has come on chain. */
async function look(chain: CreditChain, transfer: TransferRecord): Promise<Transfer> {
  if (transfer.state !== 'open') return shown(transfer, 0)
  const blocksLeft = await chain.fateOf(transfer).then(
    (fate) => fate.blocksLeft,
    (thrown: unknown) => {
      // the books can be read while the chain is away
      if (DuckMeshError.from(thrown).code === 'CHAIN_UNAVAILABLE') return null
      throw thrown
    },
  )
  return shown(transfer, blocksLeft)
}
