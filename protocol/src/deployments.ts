import type { Address } from 'viem'
import { deployments } from './generated/addresses.ts'

/** A deployment of the mesh and of what belongs to it, as `npm run deploy` records it. */
export type MeshDeployment = {
  chainId: number
  /** Name of the settings that it was made with. */
  network: string
  /** No event of the mesh is in an earlier block. */
  meshBlock: number
  /** Addresses by contract name. Which modules there are depends on the settings. */
  modules: { DuckToken: Address; DuckMesh: Address; [module: string]: Address }
}

/**
 * The deployment of this version of the code on a chain; undefined where there is none. Chains on one machine are never
 * listed: their addresses are in the data folder of the local mesh.
 * @example
 * const mesh = addressesOf(84532)?.modules.DuckMesh
 */
export const addressesOf = (chainId: number): MeshDeployment | undefined => deployments[chainId]
