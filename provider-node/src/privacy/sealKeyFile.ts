import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bytes32Schema, DuckMeshError, type SealKeyPair, unixSecondsSchema } from '@duckmesh/protocol'
import { z } from 'zod'

/** A seal key as the node keeps it. */
export type StoredSealKey = SealKeyPair & {
  /** Last unix second in which a buyer may seal to it. */
  validUntil: number
}

const fileSchema = z.array(
  z.strictObject({ publicKey: bytes32Schema, privateKey: bytes32Schema, validUntil: unixSecondsSchema }),
) satisfies z.ZodType<StoredSealKey[], unknown>

const pathIn = (dataDir: string): string => join(dataDir, 'seal-keys.json')

/**
 * Reads the seal keys of a data folder; none when there is no file yet.
 * @throws DuckMeshError `STORE_UNAVAILABLE` when the file cannot be read or is not one of these
 */
export function readSealKeys(dataDir: string): StoredSealKey[] {
  try {
    return fileSchema.parse(JSON.parse(readFileSync(pathIn(dataDir), 'utf8')))
  } catch (cause) {
    if ((cause as { code?: string }).code === 'ENOENT') return []
    // the cause is left out: a parser may quote the file, which holds private keys
    const message = 'The seal keys cannot be read; without the file new ones are made at the start.'
    throw new DuckMeshError('STORE_UNAVAILABLE', message, { path: pathIn(dataDir) })
  }
}

/**
 * Replaces the seal keys of a data folder, for its owner's eyes alone; on disk when it returns, whole or not at all.
 * @throws DuckMeshError `STORE_UNAVAILABLE`
 */
export function writeSealKeys(dataDir: string, keys: readonly StoredSealKey[]): void {
  const path = pathIn(dataDir)
  const fresh = `${path}.new`
  try {
    const file = openSync(fresh, 'w', 0o600)
    try {
      writeFileSync(file, JSON.stringify(keys))
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(fresh, path)
    const folder = openSync(dataDir, 'r')
    try {
      fsyncSync(folder)
    } finally {
      closeSync(folder)
    }
  } catch (cause) {
    throw new DuckMeshError('STORE_UNAVAILABLE', 'The seal keys cannot be written.', { path }, { cause })
  }
}
