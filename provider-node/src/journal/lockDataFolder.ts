import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { DuckMeshError } from '@duckmesh/protocol'

const SQLITE_BUSY = 5

/**
 * Takes a data folder for this process alone. The lock is one of the operating system on `lock.sqlite`, so it
 * ends with the process however that ends; there is no stale lock to remove by hand.
 * @param dataDir made when it is not there
 * @returns a function that gives the folder back
 * @throws DuckMeshError `STORE_LOCKED` when another process holds it, `STORE_UNAVAILABLE` when it cannot be used
 */
export function lockDataFolder(dataDir: string): () => void {
  let database: DatabaseSync | undefined
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    database = new DatabaseSync(join(dataDir, 'lock.sqlite'))
    database.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE')
  } catch (cause) {
    database?.close()
    if ((cause as { errcode?: number }).errcode === SQLITE_BUSY) {
      throw new DuckMeshError(
        'STORE_LOCKED',
        'Another process holds the data folder.',
        { dataDir },
        { cause },
      )
    }
    throw new DuckMeshError('STORE_UNAVAILABLE', 'The data folder cannot be used.', { dataDir }, { cause })
  }
  const held = database
  return () => held.close()
}
