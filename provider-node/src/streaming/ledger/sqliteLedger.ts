import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import {
  type ChannelConfig,
  type Chunk,
  chunkSchema,
  DuckMeshError,
  firstHead,
  type JobId,
  type SignedVoucher,
  type Stream,
  type StreamEnd,
} from '@duckmesh/protocol'
import type { Hex } from 'viem'
import type { ChannelRow, ChannelSight, Ledger, StreamProgress, StreamRow } from '../../ports/ledger.ts'
import { Flusher } from './flusher.ts'
import {
  channelFromTable,
  jsonColumn,
  type StoredChannel,
  type StoredStream,
  streamFromTable,
  weiColumn,
} from './ledgerRow.ts'
import { ledgerSchema } from './ledgerSchema.ts'

/**
 * Opens the streaming books of a data folder: `streams.sqlite`, write-ahead log. A commit is in the hands of the
 * operating system when it returns, so it outlives the process; `flushed` waits for the disk.
 * @param dataDir held by this process through its journal
 * @throws DuckMeshError `STORE_UNAVAILABLE`
 */
export function openSqliteLedger(dataDir: string): Ledger {
  const path = join(dataDir, 'streams.sqlite')
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path)
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 2000')
    database.exec(ledgerSchema)
    return new SqliteLedger(database, new Flusher(`${path}-wal`))
  } catch (cause) {
    database?.close()
    throw new DuckMeshError(
      'STORE_UNAVAILABLE',
      'The streaming books cannot be opened.',
      { dataDir },
      { cause },
    )
  }
}

class SqliteLedger implements Ledger {
  readonly #database: DatabaseSync
  readonly #flusher: Flusher
  readonly #prepared = new Map<string, StatementSync>()

  constructor(database: DatabaseSync, flusher: Flusher) {
    this.#database = database
    this.#flusher = flusher
  }

  channel(channelId: Hex): ChannelRow | undefined {
    const stored = this.#one<StoredChannel>('SELECT * FROM channels WHERE channel_id = ?', channelId)
    return stored && channelFromTable(stored)
  }

  unclaimedChannels(): ChannelRow[] {
    return this.#all<StoredChannel>(
      `SELECT * FROM channels WHERE ended_wei > claimed_wei
         OR channel_id IN (SELECT channel_id FROM streams WHERE end_json IS NULL)`,
    ).map(channelFromTable)
  }

  see(channelId: Hex, config: ChannelConfig, sight: ChannelSight): void {
    const { fundedWei, claimedWei, closableAfter, seenAt } = sight
    this.#run(
      `INSERT INTO channels (channel_id, config_json, funded_wei, claimed_wei, closable_after, seen_at, voucher_wei, ended_wei)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET funded_wei = excluded.funded_wei, claimed_wei = excluded.claimed_wei,
         closable_after = excluded.closable_after, seen_at = excluded.seen_at`,
      channelId,
      jsonColumn(config),
      weiColumn(fundedWei),
      weiColumn(claimedWei),
      closableAfter,
      seenAt,
      weiColumn(0n),
      weiColumn(0n),
    )
  }

  raise(channelId: Hex, { maxCumulativeWei, signature }: SignedVoucher): void {
    const wei = weiColumn(maxCumulativeWei)
    this.#run(
      'UPDATE channels SET voucher_wei = ?, voucher_signature = ? WHERE channel_id = ? AND voucher_wei < ?',
      wei,
      signature,
      channelId,
      wei,
    )
  }

  begin(stream: Stream, streamId: JobId, startedAt: number, voucher: SignedVoucher): StreamRow {
    const { channelId, nonce } = stream
    return this.#transaction(() => {
      if (this.streamByNonce(channelId, nonce)) {
        throw new DuckMeshError('STREAM_KNOWN', 'The nonce was used on this channel.', {
          channelId,
          nonce: `${nonce}`,
        })
      }
      this.raise(channelId, voucher)
      this.#run(
        `INSERT INTO streams (stream_id, channel_id, nonce, stream_json, started_at, chunks, head, prompt_tokens,
           completion_tokens, amount_wei) VALUES (?, ?, ?, ?, ?, 0, ?, 0, 0, ?)`,
        streamId,
        channelId,
        nonce.toString(),
        jsonColumn(stream),
        startedAt,
        firstHead(streamId),
        weiColumn(0n),
      )
      return this.#stream(streamId)
    })
  }

  stream(streamId: JobId): StreamRow | undefined {
    const stored = this.#one<StoredStream>('SELECT * FROM streams WHERE stream_id = ?', streamId)
    return stored && streamFromTable(stored)
  }

  streamByNonce(channelId: Hex, nonce: bigint): StreamRow | undefined {
    const sql = 'SELECT * FROM streams WHERE channel_id = ? AND nonce = ?'
    const stored = this.#one<StoredStream>(sql, channelId, nonce.toString())
    return stored && streamFromTable(stored)
  }

  running(channelId?: Hex): StreamRow[] {
    const sql = 'SELECT * FROM streams WHERE end_json IS NULL'
    const stored =
      channelId === undefined
        ? this.#all<StoredStream>(sql)
        : this.#all<StoredStream>(`${sql} AND channel_id = ?`, channelId)
    return stored.map(streamFromTable)
  }

  give(streamId: JobId, chunk: Chunk, progress: StreamProgress): void {
    const text = jsonColumn(chunk)
    this.#transaction(() => {
      this.#run(
        'INSERT INTO chunks (stream_id, chunk, chunk_json) VALUES (?, ?, ?)',
        streamId,
        chunk.index,
        text,
      )
      this.#run(
        `UPDATE streams SET chunks = ?, head = ?, prompt_tokens = ?, completion_tokens = ?, amount_wei = ?,
           chunk_bytes = chunk_bytes + ? WHERE stream_id = ?`,
        progress.chunks,
        progress.head,
        progress.promptTokens,
        progress.completionTokens,
        weiColumn(progress.amountWei),
        text.length,
        streamId,
      )
    })
  }

  chunks(streamId: JobId, from: number, count: number): Chunk[] {
    return this.#all<{ chunk_json: string }>(
      'SELECT chunk_json FROM chunks WHERE stream_id = ? AND chunk >= ? ORDER BY chunk LIMIT ?',
      streamId,
      from,
      count,
    ).map(({ chunk_json }) => chunkSchema.parse(JSON.parse(chunk_json)))
  }

  end(streamId: JobId, end: StreamEnd, endedAtMs: number): StreamEnd {
    return this.#transaction(() => {
      const { stream, amountWei, end: stands } = this.#stream(streamId)
      if (stands) return stands
      const channel = this.channel(stream.channelId)
      if (!channel)
        throw new DuckMeshError('CHANNEL_UNKNOWN', 'The books have no such channel.', { streamId })
      this.#run(
        'UPDATE streams SET end_json = ?, ended_at_ms = ? WHERE stream_id = ?',
        jsonColumn(end),
        endedAtMs,
        streamId,
      )
      this.#run(
        'UPDATE channels SET ended_wei = ? WHERE channel_id = ?',
        weiColumn(channel.endedWei + amountWei),
        stream.channelId,
      )
      return end
    })
  }

  sweep({ chunksBeforeMs, maxChunkBytes, streamsBeforeMs }: Parameters<Ledger['sweep']>[0]): void {
    const drop = (streamId: Hex) => {
      this.#run('DELETE FROM chunks WHERE stream_id = ?', streamId)
      this.#run('UPDATE streams SET chunk_bytes = 0 WHERE stream_id = ?', streamId)
    }
    this.#transaction(() => {
      const kept = this.#all<{ stream_id: Hex; chunk_bytes: number; ended_at_ms: number }>(
        `SELECT stream_id, chunk_bytes, ended_at_ms FROM streams WHERE end_json IS NOT NULL AND chunk_bytes > 0
         ORDER BY ended_at_ms`,
      )
      let bytes = kept.reduce((sum, { chunk_bytes }) => sum + chunk_bytes, 0)
      for (const { stream_id, chunk_bytes, ended_at_ms } of kept) {
        if (ended_at_ms >= chunksBeforeMs && bytes <= maxChunkBytes) break
        drop(stream_id)
        bytes -= chunk_bytes
      }
      this.#run(
        'DELETE FROM streams WHERE end_json IS NOT NULL AND ended_at_ms < ? AND chunk_bytes = 0',
        streamsBeforeMs,
      )
    })
  }

  flushed(): Promise<void> {
    return this.#flusher.flushed()
  }

  close(): void {
    this.#flusher.close()
    this.#database.close()
  }

  #stream(streamId: JobId): StreamRow {
    const row = this.stream(streamId)
    if (!row) throw new DuckMeshError('NOT_FOUND', 'The books have no such stream.', { streamId })
    return row
  }

  #transaction<Result>(work: () => Result): Result {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      this.#database.exec('COMMIT')
      return result
    } catch (error) {
      this.#database.exec('ROLLBACK')
      throw error
    }
  }

  #run(sql: string, ...values: SQLInputValue[]): void {
    this.#prepare(sql).run(...values)
  }

  #one<Stored>(sql: string, ...values: SQLInputValue[]): Stored | undefined {
    return this.#prepare(sql).get(...values) as Stored | undefined
  }

  #all<Stored>(sql: string, ...values: SQLInputValue[]): Stored[] {
    return this.#prepare(sql).all(...values) as Stored[]
  }

  #prepare(sql: string): StatementSync {
    const found = this.#prepared.get(sql) ?? this.#database.prepare(sql)
    this.#prepared.set(sql, found)
    return found
  }
}
