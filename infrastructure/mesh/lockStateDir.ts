import { DuckMeshError } from '@duckmesh/protocol'
import { lockDataFolder } from '@duckmesh/provider-node'

/**
 * Takes the state folder of a mesh for this process, from before its first part starts until all have ended. Two
 * meshes in one folder would each write over the chain of the other.
 * @param pid process of the mesh that was here last, for the message
 * @returns a function that gives the folder back
 * @throws DuckMeshError `STORE_LOCKED`
 */
export function lockStateDir(stateDir: string, pid: number | undefined): () => void {
  try {
    return lockDataFolder(stateDir)
  } catch (thrown) {
    const error = DuckMeshError.from(thrown)
    if (error.code !== 'STORE_LOCKED') throw error
    const who = pid === undefined ? 'another process' : `process ${pid}`
    const message = `A mesh is already running in ${stateDir} (${who}).`
    throw new DuckMeshError('STORE_LOCKED', message, { stateDir, pid }, { cause: thrown })
  }
}
