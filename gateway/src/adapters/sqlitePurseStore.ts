import { chmodSync, closeSync, fdatasync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { bytes32Schema, DuckMeshError, statementKey, stringifyWire } from '@duckmesh/protocol'
import pLimit from 'p-limit'
import { generatePrivateKey } from 'viem/accounts'
import type { z } from 'zod'
import type { PurseChange, PurseStore } from '../ports/purseStore.ts'
import type { VoucherKey } from '../ports/voucherKey.ts'
import { channelRecordSchema, streamRecordSchema } from './purseRows.ts'

const sync = promisify(fdatasync)

const SQLITE_BUSY = 5
const SQLITE_CONSTRAINT_UNIQUE = 2_067

/** Ended streams are kept so long as evidence, milliseconds: 90 days, more than any dispute takes. */
const KEPT_MS = 90 * 86_400_000

const schema = `
  CREATE TABLE IF NOT EXISTS voucher_key (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    private_key TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS channels (
    channel_id TEXT PRIMARY KEY,
    record_json TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS streams (
    stream_id TEXT PRIMARY KEY,
    channel_id TEXT NOT NULL REFERENCES channels,
    nonce TEXT NOT NULL,
    state TEXT NOT NULL,
    opened_at_ms INTEGER NOT NULL,
    record_json TEXT NOT NULL,
    UNIQUE (channel_id, nonce)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS streams_by_state ON streams (state, opened_at_ms);
`

/**
 * Opens the purse of a data folder: `purse.sqlite` with a write-ahead log, for this process alone. The lock is one of
 * the operating system, so it ends with the process however that ends. A commit is in the hands of the operating system
 * when it returns; `flushed` syncs the log, after which it survives a power cut (SQLite, "Write-Ahead Logging",
 * section 4), off this thread and once for all who wait. A new purse gets a voucher key of its own, which is why the file
 * is for its owner's eyes alone.
 * @param dataDir made when it is not there
 * @param nowMs for removing evidence that nobody needs any more
 * @throws DuckMeshError `STORE_LOCKED` when another process holds it, `STORE_UNAVAILABLE` when it cannot be used
 */
export function openSqlitePurseStore(dataDir: string, nowMs: number): PurseStore {
  let database: DatabaseSync | undefined
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    const path = join(dataDir, 'purse.sqlite')
    closeSync(openSync(path, 'a', 0o600))
    chmodSync(path, 0o600) // one that an earlier version made
    database = new DatabaseSync(path)
    // exclusive: the lock is taken by the first write below and held until the file is closed
    database.exec('PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE')
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON')
    database.exec(`BEGIN EXCLUSIVE; ${schema} COMMIT`)
    database.prepare(`DELETE FROM streams WHERE state = 'ended' AND opened_at_ms < ?`).run(nowMs - KEPT_MS)
    return new SqlitePurseStore(database, ownKey(database), openSync(`${path}-wal`, 'r+'))
  } catch (cause) {
    database?.close()
    if ((cause as { errcode?: number }).errcode === SQLITE_BUSY) {
      throw new DuckMeshError('STORE_LOCKED', 'Another process holds the purse.', { dataDir }, { cause })
    }
    throw new DuckMeshError('STORE_UNAVAILABLE', 'The purse cannot be opened.', { dataDir }, { cause })
  }
}

/** The voucher key of a purse, made by the first process that opens it. */
function ownKey(database: DatabaseSync): VoucherKey {
  database
    .prepare('INSERT INTO voucher_key (only, private_key) VALUES (1, ?) ON CONFLICT DO NOTHING')
    .run(generatePrivateKey())
  const { private_key } = database.prepare('SELECT private_key FROM voucher_key').get()!
  return statementKey(bytes32Schema.parse(private_key))
}

class SqlitePurseStore implements PurseStore {
  readonly voucherKey: VoucherKey
  readonly #database: DatabaseSync
  readonly #log: number
  readonly #inTurn = pLimit(1)
  #nextFlush: Promise<void> | undefined
  #failure: DuckMeshError | undefined

  /** @param log open file of the write-ahead log */
  constructor(database: DatabaseSync, voucherKey: VoucherKey, log: number) {
    this.#database = database
    this.voucherKey = voucherKey
    this.#log = log
  }

  async load(): ReturnType<PurseStore['load']> {
    const channels = this.#rows('SELECT record_json FROM channels', channelRecordSchema)
    const streams = this.#rows(`SELECT record_json FROM streams WHERE state <> 'ended'`, streamRecordSchema)
    return { channels, streams }
  }

  async save({ channel, stream }: PurseChange): Promise<void> {
    const statements = this.#prepared
    try {
      this.#database.exec('BEGIN IMMEDIATE')
      if (channel) statements.channel.run(channel.channelId, stringifyWire(channel))
      if (stream) {
        statements.stream.run(
          stream.streamId,
          stream.stream.channelId,
          String(stream.stream.nonce),
          stream.state,
          stream.openedAtMs,
          stringifyWire(stream),
        )
      }
      this.#database.exec('COMMIT')
    } catch (cause) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      if ((cause as { errcode?: number }).errcode === SQLITE_CONSTRAINT_UNIQUE) {
        const details = { channelId: stream?.stream.channelId, nonce: String(stream?.stream.nonce) }
        throw new DuckMeshError('STREAM_KNOWN', 'The nonce was used on this channel.', details, { cause })
      }
      throw new DuckMeshError('STORE_UNAVAILABLE', 'The purse cannot be written.', {}, { cause })
    }
  }

  flushed(): Promise<void> {
    // whoever comes while one flush runs shares the next
    this.#nextFlush ??= this.#inTurn(() => this.#flush())
    return this.#nextFlush
  }

  async close(): Promise<void> {
    await this.#inTurn(() => closeSync(this.#log))
    this.#database.close()
  }

  async #flush(): Promise<void> {
    this.#nextFlush = undefined
    if (this.#failure) throw this.#failure
    try {
      await sync(this.#log)
    } catch (cause) {
      this.#failure = new DuckMeshError('STORE_UNAVAILABLE', 'The purse cannot be flushed.', {}, { cause })
      throw this.#failure
    }
  }

  #rows<T>(query: string, schema: z.ZodType<T>): T[] {
    try {
      const rows = this.#database.prepare(query).all()
      return rows.map(({ record_json }) => schema.parse(JSON.parse(String(record_json))))
    } catch (cause) {
      throw new DuckMeshError('STORE_UNAVAILABLE', 'The purse cannot be read.', {}, { cause })
    }
  }

  get #prepared() {
    this.#statements ??= {
      channel: this.#database.prepare(
        `INSERT INTO channels (channel_id, record_json) VALUES (?, ?)
         ON CONFLICT (channel_id) DO UPDATE SET record_json = excluded.record_json`,
      ),
      stream: this.#database.prepare(
        `INSERT INTO streams (stream_id, channel_id, nonce, state, opened_at_ms, record_json)
         VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (stream_id) DO UPDATE SET state = excluded.state, record_json = excluded.record_json`,
      ),
    }
    return this.#statements
  }
  #statements:
    | { channel: ReturnType<DatabaseSync['prepare']>; stream: ReturnType<DatabaseSync['prepare']> }
    | undefined
}
