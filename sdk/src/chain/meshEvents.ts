import { chainError, duckMeshAbi } from '@duckmesh/protocol'
import type { ContractEventName, GetContractEventsReturnType } from 'viem'
import type { ClientContext } from '../clients/clientContext.ts'
import { inBlockRanges } from './inBlockRanges.ts'

type MeshEventName = ContractEventName<typeof duckMeshAbi>

/** Events of DuckMesh with decoded arguments. */
export type MeshEvents<N extends MeshEventName> = GetContractEventsReturnType<typeof duckMeshAbi, N, true>

/**
 * Reads all events of one kind, oldest first.
 * @param args values of indexed arguments to filter by
 * @param toBlock last block, the newest if left out
 * @throws DuckMeshError `CHAIN_UNAVAILABLE`
 */
export async function meshEvents<N extends MeshEventName>(
  context: ClientContext,
  eventName: N,
  args: Record<string, unknown> = {},
  toBlock?: bigint,
): Promise<MeshEvents<N>> {
  const { publicClient, domain, fromBlock } = context
  try {
    const last = toBlock ?? (await publicClient.getBlockNumber({ cacheTime: 0 }))
    const logs = await inBlockRanges(fromBlock, last, (range) =>
      publicClient.getContractEvents({
        address: domain.verifyingContract,
        abi: duckMeshAbi,
        eventName: eventName as MeshEventName,
        args: args as never,
        strict: true,
        ...range,
      }),
    )
    return logs as unknown as MeshEvents<N>
  } catch (thrown) {
    throw chainError(thrown, `reading ${eventName} events`)
  }
}
