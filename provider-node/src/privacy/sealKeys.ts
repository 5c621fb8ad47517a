import { DuckMeshError, generateSealKeyPair, MAX_SEAL_KEY_SECONDS } from '@duckmesh/protocol'
import { type Clock, nowSeconds } from '../ports/clock.ts'
import { readSealKeys, type StoredSealKey, writeSealKeys } from './sealKeyFile.ts'

/** How long a key opens requests after buyers may no longer seal to it: clocks differ, and streams are resumed. */
export const SEAL_GRACE_SECONDS = 900

/** Life of a seal key, seconds: what was sealed to it can be read for so long by whoever gets the data folder. */
export const SEAL_KEY_SECONDS = 86_400

/** The seal keys of a node: the one to announce, and older ones that still open. */
export type SealKeys = {
  /** The key to announce, valid for at least half a life; a new one is on disk before it is given. */
  current(): Promise<StoredSealKey>
  /** Keys that open, the newest first. */
  usable(): readonly StoredSealKey[]
}

/**
 * Opens the seal keys of a data folder. A key lives `lifeSeconds`; when half of that is over the next one is made, and
 * when grace is over too its private key is erased from the file and from memory, after which nothing sealed to it can
 * be read by anybody.
 * @param parameters.dataDir held by this process
 * @param parameters.lifeSeconds at most a week: buyers refuse more
 * @throws DuckMeshError `STORE_UNAVAILABLE` for a broken file, `BAD_CONFIG` for a life that buyers refuse
 */
export function openSealKeys({
  dataDir,
  clock,
  lifeSeconds = SEAL_KEY_SECONDS,
}: {
  dataDir: string
  clock: Clock
  lifeSeconds?: number
}): SealKeys {
  if (lifeSeconds < 2 || lifeSeconds > MAX_SEAL_KEY_SECONDS) {
    throw new DuckMeshError('BAD_CONFIG', `A seal key lives 2 to ${MAX_SEAL_KEY_SECONDS} s.`, { lifeSeconds })
  }
  let keys = newestFirst(readSealKeys(dataDir))
  let making: Promise<StoredSealKey> | undefined

  const usable = () => keys.filter(({ validUntil }) => validUntil + SEAL_GRACE_SECONDS >= nowSeconds(clock))
  const keep = (kept: StoredSealKey[]) => {
    writeSealKeys(dataDir, kept)
    keys = kept
  }
  async function make(): Promise<StoredSealKey> {
    const made = { ...(await generateSealKeyPair()), validUntil: nowSeconds(clock) + lifeSeconds }
    keep(newestFirst([made, ...usable()]))
    return made
  }
  return {
    usable,
    current: async () => {
      if (usable().length < keys.length) keep(usable())
      const now = nowSeconds(clock)
      // one from a longer life, or from a clock that ran ahead, would be refused by buyers
      const fresh = keys.find(
        ({ validUntil }) => validUntil >= now + lifeSeconds / 2 && validUntil <= now + lifeSeconds,
      )
      if (fresh) return fresh
      making ??= make().finally(() => {
        making = undefined
      })
      return making
    },
  }
}

const newestFirst = (keys: StoredSealKey[]): StoredSealKey[] =>
  keys.toSorted((a, b) => b.validUntil - a.validUntil)
