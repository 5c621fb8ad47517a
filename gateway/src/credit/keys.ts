import { randomBytes, randomUUID } from 'node:crypto'
import { type ApiKey, type ApiKeyBody, DuckMeshError } from '@duckmesh/protocol'
import type { Address } from 'viem'
import { bearerOf, hashKey } from './apiKey.ts'
import type { CreditStore, KeyRecord } from './creditStore.ts'

/** Keys that an account may have at once. */
const MAX_KEYS = 32

/**
 * Makes an API key. It is told here once: only its sha256 is stored.
 * @throws DuckMeshError `CREDIT_TOO_LOW` for an account that never paid in, `RATE_LIMITED` for one with too many keys
 */
export async function createKey(
  store: CreditStore,
  account: Address,
  { label, limitWei }: ApiKeyBody,
  nowMs: number,
): Promise<ApiKey & { key: string }> {
  if (!(await store.balance(account))) {
    // else anybody could fill the store with keys of accounts that cost nothing
    const details = { freeWei: '0', neededWei: '1' }
    throw new DuckMeshError('CREDIT_TOO_LOW', 'Keys are for accounts that have paid in.', details)
  }
  const live = (await store.keysOf(account)).filter(({ revokedAtMs }) => revokedAtMs === null)
  if (live.length >= MAX_KEYS) {
    throw new DuckMeshError('RATE_LIMITED', `An account has at most ${MAX_KEYS} keys: revoke one.`)
  }
  const key = `dm-${randomBytes(32).toString('base64url')}`
  const record: ApiKey = {
    keyId: randomUUID(),
    label,
    limitWei,
    committedWei: 0n,
    createdAtMs: nowMs,
    revokedAtMs: null,
  }
  await store.addKey({ ...record, account, keyHash: hashKey(key).toString('hex') })
  return { ...record, key }
}

/** The keys of an account, as they may be shown. */
export const listKeys = async (store: CreditStore, account: Address): Promise<ApiKey[]> =>
  (await store.keysOf(account)).map(({ keyHash: _hash, account: _account, ...shown }) => shown)

/**
 * Finds the key of a request.
 * @throws DuckMeshError `UNAUTHENTICATED`
 */
export async function findKey(store: CreditStore, authorization: string | undefined): Promise<KeyRecord> {
  const key = bearerOf(authorization)
  const found = key && (await store.keyByHash(hashKey(key).toString('hex')))
  if (found && found.revokedAtMs === null) return found
  throw new DuckMeshError('UNAUTHENTICATED', key ? 'This API key is not known here.' : 'There is no API key.')
}

/** Ends a key of an account. @throws DuckMeshError `NOT_FOUND` */
export async function revokeKey(
  store: CreditStore,
  account: Address,
  keyId: string,
  nowMs: number,
): Promise<void> {
  if (await store.revokeKey(account, keyId, nowMs)) return
  throw new DuckMeshError('NOT_FOUND', 'This account has no such key that is not revoked.')
}
