import type { Address, Hex } from 'viem'
import { decodeMeshCall } from '../../chain/closingOpenings.ts'
import { meshEvents } from '../../chain/meshEvents.ts'
import { readMesh } from '../../chain/readMesh.ts'
import { readTransactionInput } from '../../chain/readTransactionInput.ts'
import type { ClientContext } from '../../clients/clientContext.ts'
import { inBatches } from '../../transport/inBatches.ts'

/** Accounts of the ledger. */
export type LedgerAccounts = {
  accounts: Address[]
  /** All that was ever deposited, DUCK wei. */
  depositedWei: bigint
}

/**
 * Every account that can have a free balance. Balance comes in by a deposit, is earned by the owner of a provider or by
 * whoever proves an equivocation or a false proof, or is a fee; refunds and compensation go to requesters and challengers, who had
 * deposited or earned before, and to the requester or payer that such a proof names.
 */
export async function readLedgerAccounts(context: ClientContext, toBlock: bigint): Promise<LedgerAccounts> {
  const [deposits, registered, contradictions, falseProofs, { treasury }] = await Promise.all([
    meshEvents(context, 'Deposited', {}, toBlock),
    meshEvents(context, 'ProviderRegistered', {}, toBlock),
    meshEvents(context, 'EquivocationProven', {}, toBlock),
    meshEvents(context, 'FalseProofProven', {}, toBlock),
    readMesh(context, 'params', []),
  ])
  const proofs = [...contradictions, ...falseProofs]
  const depositors = deposits.map((event) => event.args.account)
  const owners = registered.map((event) => event.args.owner)
  const reporters = proofs.map((event) => event.args.reporter)
  const requesters = await inBatches(proofs, (event) => requesterOf(context, event.transactionHash))
  const accounts = new Set([...depositors, ...owners, ...reporters, ...requesters.flat(), treasury])
  return {
    accounts: [...accounts],
    depositedWei: deposits.reduce((sum, event) => sum + event.args.amountWei, 0n),
  }
}

/** Requester or payer in a call that proves a fault; nobody when the proof came by way of another contract. */
async function requesterOf(context: ClientContext, transaction: Hex): Promise<Address[]> {
  const call = decodeMeshCall(await readTransactionInput(context, transaction))
  switch (call?.functionName) {
    case 'proveEquivocation':
    case 'proveSeatEquivocation':
    case 'proveFalseProof':
      return [call.args[0].requester]
    case 'proveStreamEquivocation':
      return [call.args[0].payer]
    default:
      return []
  }
}
