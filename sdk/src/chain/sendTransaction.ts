import { DuckMeshError, duckMeshAbi, duckTokenAbi } from '@duckmesh/protocol'
import type { Abi, Address, ContractFunctionArgs, ContractFunctionName, Hex } from 'viem'
import { type ClientContext, walletOf } from '../clients/clientContext.ts'
import { walletError } from './walletError.ts'

type Write<A extends Abi, N extends ContractFunctionName<A, 'nonpayable'>> = {
  functionName: N
  args: ContractFunctionArgs<A, 'nonpayable', N>
}

/**
 * Calls DuckMesh and waits until the transaction is in a block.
 * @returns transaction hash
 * @throws DuckMeshError `CHAIN_REVERTED` with the contract error in `details.reason`, `CHAIN_UNAVAILABLE`,
 * `CANCELLED` when the wallet declines
 */
export const sendToMesh = <N extends ContractFunctionName<typeof duckMeshAbi, 'nonpayable'>>(
  context: ClientContext,
  write: Write<typeof duckMeshAbi, N>,
): Promise<Hex> => send(context, { address: context.domain.verifyingContract, abi: duckMeshAbi, ...write })

/** Calls the DUCK token, see `sendToMesh`. */
export const sendToToken = <N extends ContractFunctionName<typeof duckTokenAbi, 'nonpayable'>>(
  context: ClientContext,
  write: Write<typeof duckTokenAbi, N>,
): Promise<Hex> => send(context, { address: context.token, abi: duckTokenAbi, ...write })

/** A transaction to any contract. */
export type Call = { address: Address; abi: Abi; functionName: string; args: unknown }

/** Calls any contract, see `sendToMesh`. */
export async function send(context: ClientContext, call: Call): Promise<Hex> {
  const wallet = walletOf(context)
  const { publicClient } = context
  // on the pending block, whose time is that of now: the last one of a quiet chain may be older than a deadline
  const simulation = { ...call, account: wallet.account, blockTag: 'pending' }
  // the public functions above hold the types; viem's generics cannot follow them in here
  const simulate = () => publicClient.simulateContract(simulation as never)
  return context.sends(async () => {
    try {
      const { request } = await simulate()
      const hash = await wallet.writeContract({ ...(request as object), chain: publicClient.chain } as never)
      const receipt = await publicClient.waitForTransactionReceipt({ hash })
      if (receipt.status === 'success') return hash
      // the state changed between simulation and block: the same call on the state of now names the reason
      await simulate()
      const details = { action: call.functionName, reason: 'unknown', transactionHash: hash }
      throw new DuckMeshError('CHAIN_REVERTED', `The transaction ${hash} was reverted.`, details)
    } catch (thrown) {
      throw walletError(thrown, call.functionName)
    }
  })
}
