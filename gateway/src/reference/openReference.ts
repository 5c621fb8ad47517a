import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bytes32Schema, DuckMeshError } from '@duckmesh/protocol'
import { bytesToHex } from 'viem'
import type { ReferenceOptions } from './referee.ts'
import { openSqliteStandingStore } from './sqliteStandingStore.ts'

/**
 * Opens what a buyer checks answers with: its secret, drawn at the first start and kept for its user alone, and what was
 * found so far. Both belong to one purse and lie in its folder.
 * @param dataDir folder of the purse; made when it is not there
 * @throws DuckMeshError `STORE_UNAVAILABLE`; `BAD_CONFIG` when the secret is damaged
 */
export function openReference(dataDir: string): ReferenceOptions {
  mkdirSync(dataDir, { recursive: true })
  const store = openSqliteStandingStore(join(dataDir, 'standing.sqlite'))
  return { secret: secretIn(join(dataDir, 'duty-secret')), store, close: () => store.close() }
}

function secretIn(path: string) {
  if (!existsSync(path)) {
    const draft = `${path}.new`
    writeFileSync(draft, bytesToHex(randomBytes(32)), { mode: 0o600 })
    chmodSync(draft, 0o600) // a draft of an earlier crash keeps its own mode
    renameSync(draft, path)
  }
  const parsed = bytes32Schema.safeParse(readFileSync(path, 'utf8').trim())
  if (parsed.success) return parsed.data
  throw new DuckMeshError('BAD_CONFIG', 'The secret that decides which answers are checked is damaged.', {
    setting: path,
  })
}
