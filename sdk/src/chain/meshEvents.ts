import { duckMeshAbi } from '@duckmesh/protocol'
import type { ContractEventName, GetContractEventsReturnType } from 'viem'
import type { ClientContext } from '../clients/clientContext.ts'
import { contractEvents } from './contractEvents.ts'

type MeshEventName = ContractEventName<typeof duckMeshAbi>

/** Events of DuckMesh with decoded arguments. */
export type MeshEvents<N extends MeshEventName> = GetContractEventsReturnType<typeof duckMeshAbi, N, true>

/**
 * Reads all events of one kind of the mesh, see {@link contractEvents}.
 * @throws DuckMeshError `CHAIN_UNAVAILABLE`
 */
export function meshEvents<N extends MeshEventName>(
  context: ClientContext,
  eventName: N,
  args: Record<string, unknown> = {},
  toBlock?: bigint,
): Promise<MeshEvents<N>> {
  const mesh = { address: context.domain.verifyingContract, abi: duckMeshAbi }
  return contractEvents(context, mesh, eventName, args, toBlock)
}
