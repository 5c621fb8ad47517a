import { createHash, timingSafeEqual } from 'node:crypto'
import { DuckMeshError } from '@duckmesh/protocol'

/** sha256 of a key: what is kept and compared, so that neither a store nor a timing tells the key. */
export const hashKey = (key: string): Buffer => createHash('sha256').update(key).digest()

/** The key of an `Authorization: Bearer …` header; undefined for any other header. */
export const bearerOf = (authorization: string | undefined): string | undefined =>
  authorization?.match(/^Bearer ([\x21-\x7e]{1,512})$/)?.[1]

/**
 * Checks callers against one key.
 * @param key that all must have; undefined lets everybody in
 * @returns throws DuckMeshError `UNAUTHENTICATED`
 */
export function requireKey(key: string | undefined): (authorization: string | undefined) => void {
  const wanted = key === undefined ? undefined : hashKey(key)
  return (authorization) => {
    if (!wanted) return
    const given = bearerOf(authorization)
    if (given !== undefined && timingSafeEqual(hashKey(given), wanted)) return
    throw new DuckMeshError('UNAUTHENTICATED', given ? 'The API key is wrong.' : 'There is no API key.')
  }
}
