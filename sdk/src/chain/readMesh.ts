import { chainError, duckMeshAbi, duckTokenAbi } from '@duckmesh/protocol'
import type { ContractFunctionArgs, ContractFunctionName, ReadContractReturnType } from 'viem'
import type { ClientContext } from '../clients/clientContext.ts'

type MeshView = ContractFunctionName<typeof duckMeshAbi, 'view' | 'pure'>
type TokenView = ContractFunctionName<typeof duckTokenAbi, 'view' | 'pure'>

/**
 * Calls a view of DuckMesh.
 * @param blockNumber state of this block, the newest if left out
 * @throws DuckMeshError `CHAIN_UNAVAILABLE`, `CHAIN_REVERTED`
 */
export const readMesh = <
  N extends MeshView,
  const A extends ContractFunctionArgs<typeof duckMeshAbi, 'view' | 'pure', N>,
>(
  context: ClientContext,
  functionName: N,
  args: A,
  blockNumber?: bigint,
): Promise<ReadContractReturnType<typeof duckMeshAbi, N, A>> =>
  read(
    context,
    { address: context.domain.verifyingContract, abi: duckMeshAbi },
    functionName,
    args as readonly unknown[],
    blockNumber,
  )

/** Calls a view of the DUCK token, see `readMesh`. */
export const readToken = <
  N extends TokenView,
  const A extends ContractFunctionArgs<typeof duckTokenAbi, 'view' | 'pure', N>,
>(
  context: ClientContext,
  functionName: N,
  args: A,
  blockNumber?: bigint,
): Promise<ReadContractReturnType<typeof duckTokenAbi, N, A>> =>
  read(
    context,
    { address: context.token, abi: duckTokenAbi },
    functionName,
    args as readonly unknown[],
    blockNumber,
  )

async function read<R>(
  { publicClient }: ClientContext,
  contract: Record<string, unknown>,
  functionName: string,
  args: readonly unknown[],
  blockNumber: bigint | undefined,
): Promise<R> {
  const at = blockNumber === undefined ? {} : { blockNumber }
  try {
    return (await publicClient.readContract({ ...contract, functionName, args, ...at } as never)) as R
  } catch (thrown) {
    throw chainError(thrown, functionName)
  }
}
