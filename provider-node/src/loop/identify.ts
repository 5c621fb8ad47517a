import { DuckMeshError } from '@duckmesh/protocol'
import { type Address, getAddress, isAddressEqual } from 'viem'
import type { Container } from '../container.ts'

const pinName = (url: string): string => `coordinator:${new URL(url).origin}`

/** The coordinator's address as pinned before; undefined before the first contact. */
export function pinnedCoordinator({ journal, coordinator }: Container): Address | undefined {
  const pinned = journal.pinned(pinName(coordinator.url))
  return pinned === undefined ? undefined : getAddress(pinned)
}

/**
 * Asks the coordinator who it is and pins its address at first sight: whoever takes over its URL later can sign
 * nothing that this node follows.
 * @throws DuckMeshError `WRONG_CHAIN` when it serves another deployment, `WRONG_COORDINATOR` when the address is
 * not the pinned one, `SERVICE_UNAVAILABLE`
 */
export async function identify(container: Container): Promise<Address> {
  const { chain, coordinator, journal } = container
  const info = await coordinator.info()
  const { chainId, verifyingContract } = chain.domain
  if (info.chainId !== chainId || !isAddressEqual(info.mesh, verifyingContract)) {
    const details = { want: chain.domain, have: { chainId: info.chainId, mesh: info.mesh } }
    throw new DuckMeshError('WRONG_CHAIN', 'The coordinator serves another deployment of DuckMesh.', details)
  }
  const pinned = getAddress(journal.pin(pinName(coordinator.url), info.address))
  if (!isAddressEqual(pinned, info.address)) {
    const message = 'The coordinator has another address than at first sight.'
    throw new DuckMeshError('WRONG_COORDINATOR', message, { pinned, have: info.address })
  }
  return pinned
}
