import { chainError } from '@duckmesh/protocol'
import type { Abi, Address, ContractEventName, GetContractEventsReturnType } from 'viem'
import type { ClientContext } from '../clients/clientContext.ts'
import { inBlockRanges } from './inBlockRanges.ts'

/**
 * Reads all events of one kind of a contract since the mesh was deployed, oldest first, with decoded arguments.
 * @param args values of indexed arguments to filter by
 * @param toBlock last block, the newest if left out
 * @throws DuckMeshError `CHAIN_UNAVAILABLE`
 */
export async function contractEvents<const A extends Abi, N extends ContractEventName<A>>(
  { publicClient, fromBlock }: ClientContext,
  contract: { address: Address; abi: A },
  eventName: N,
  args: Record<string, unknown> = {},
  toBlock?: bigint,
): Promise<GetContractEventsReturnType<A, N, true>> {
  try {
    const last = toBlock ?? (await publicClient.getBlockNumber({ cacheTime: 0 }))
    const query = { ...contract, eventName, args, strict: true } as const
    const logs = await inBlockRanges(fromBlock, last, (range) =>
      publicClient.getContractEvents({ ...query, ...range } as never),
    )
    return logs as unknown as GetContractEventsReturnType<A, N, true>
  } catch (thrown) {
    throw chainError(thrown, `reading ${eventName} events`)
  }
}
