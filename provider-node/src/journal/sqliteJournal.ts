import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { DuckMeshError, type JobId } from '@duckmesh/protocol'
import type { Hex } from 'viem'
import type { Journal, Promised, Reveal, Row, RowTime } from '../ports/journal.ts'
import { rowFromTable, toColumn } from './journalRow.ts'
import { journalSchema } from './journalSchema.ts'
import { lockDataFolder } from './lockDataFolder.ts'

const timeColumns = {
  commitAcceptedAtMs: 'commit_accepted_at_ms',
  boundSeenAtMs: 'bound_seen_at_ms',
  openingAcceptedAtMs: 'opening_accepted_at_ms',
} as const satisfies Record<RowTime, string>

/**
 * Opens the journal of a data folder: `journal.sqlite`, write-ahead log, every commit flushed to disk.
 * @param dataDir held by this process until `close`
 * @throws DuckMeshError `STORE_LOCKED` or `STORE_UNAVAILABLE`
 */
export function openSqliteJournal(dataDir: string): Journal {
  const unlock = lockDataFolder(dataDir)
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(join(dataDir, 'journal.sqlite'))
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 2000')
    database.exec(journalSchema)
    return new SqliteJournal(database, unlock)
  } catch (cause) {
    database?.close()
    unlock()
    throw new DuckMeshError('STORE_UNAVAILABLE', 'The journal cannot be opened.', { dataDir }, { cause })
  }
}

class SqliteJournal implements Journal {
  readonly #database: DatabaseSync
  readonly #unlock: () => void

  constructor(database: DatabaseSync, unlock: () => void) {
    this.#database = database
    this.#unlock = unlock
  }

  receive(row: Parameters<Journal['receive']>[0]): Row {
    this.#run(
      `INSERT INTO jobs (job_id, round, lane, state, order_json, order_signature, request_json, assignment_json,
         assignment_signature, seen_block, received_at_ms)
       VALUES (?, ?, ?, 'received', ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      row.jobId,
      row.round,
      row.lane,
      toColumn(row.order),
      row.orderSignature,
      toColumn(row.request),
      row.assignment && toColumn(row.assignment.assignment),
      row.assignment?.signature ?? null,
      row.seenBlock.toString(),
      row.receivedAtMs,
    )
    return this.#get(row.jobId, row.round)
  }

  find(jobId: JobId, round: number): Row | undefined {
    return this.#rows('SELECT * FROM jobs WHERE job_id = ? AND round = ?', jobId, round)[0]
  }

  findLatest(jobId: JobId): Row | undefined {
    return this.#rows('SELECT * FROM jobs WHERE job_id = ? ORDER BY round DESC LIMIT 1', jobId)[0]
  }

  list(states: Parameters<Journal['list']>[0]): Row[] {
    const marks = states.map(() => '?').join(', ')
    return this.#rows(
      `SELECT * FROM jobs WHERE state IN (${marks}) ORDER BY received_at_ms, job_id`,
      ...states,
    )
  }

  reassign(jobId: JobId, round: number, { assignment, signature }: Parameters<Journal['reassign']>[2]): void {
    const held = this.#get(jobId, round)
    if (held.assignment?.signature === signature) return
    if (held.reveal) throw alreadyRevealed(jobId, round)
    this.#run(
      'UPDATE jobs SET assignment_json = ?, assignment_signature = ? WHERE job_id = ? AND round = ?',
      toColumn(assignment),
      signature,
      jobId,
      round,
    )
  }

  promise(jobId: JobId, round: number, promised: Promised): Promised {
    this.#run(
      `UPDATE jobs SET promised_json = ?, state = 'promised'
       WHERE job_id = ? AND round = ? AND promised_json IS NULL AND state = 'received'`,
      toColumn(promised),
      jobId,
      round,
    )
    const stands = this.#get(jobId, round).promised
    if (!stands) throw new DuckMeshError('WRONG_STAGE', 'The work was given up before.', { jobId, round })
    return stands
  }

  commitUnder(jobId: JobId, round: number, assignmentHash: Hex): void {
    const { committedUnder, reveal } = this.#get(jobId, round)
    if (committedUnder.includes(assignmentHash)) return
    if (reveal) throw alreadyRevealed(jobId, round)
    this.#run(
      'UPDATE jobs SET committed_under_json = ? WHERE job_id = ? AND round = ?',
      toColumn([...committedUnder, assignmentHash]),
      jobId,
      round,
    )
  }

  reveal(jobId: JobId, round: number, assignmentHash: Hex, reveal: Reveal): Reveal {
    this.#run(
      `UPDATE jobs SET reveal_json = ?
       WHERE job_id = ? AND round = ? AND reveal_json IS NULL AND state = 'promised' AND committed_under_json = ?`,
      toColumn(reveal),
      jobId,
      round,
      toColumn([assignmentHash]),
    )
    const stands = this.#get(jobId, round).reveal
    if (stands) return stands
    const message = 'The seat has committed under another assignment of this round.'
    throw new DuckMeshError('WRONG_STAGE', message, { jobId, round })
  }

  signReceipt(jobId: JobId, round: number, receipt: Parameters<Journal['signReceipt']>[2]) {
    this.#run(
      'UPDATE jobs SET receipt_json = ? WHERE job_id = ? AND round = ? AND receipt_json IS NULL',
      toColumn(receipt),
      jobId,
      round,
    )
    return this.#get(jobId, round).receipt ?? receipt
  }

  note(jobId: JobId, round: number, what: RowTime, atMs: number): void {
    const column = timeColumns[what]
    this.#run(
      `UPDATE jobs SET ${column} = ? WHERE job_id = ? AND round = ? AND ${column} IS NULL`,
      atMs,
      jobId,
      round,
    )
  }

  abandon(jobId: JobId, round: number, errorCode: string): void {
    this.#run(
      `UPDATE jobs SET state = 'abandoned', error_code = ?
       WHERE job_id = ? AND round = ? AND state = 'received'`,
      errorCode,
      jobId,
      round,
    )
  }

  finish(jobId: JobId, round: number, outcome: Parameters<Journal['finish']>[2], atMs: number): void {
    this.#run(
      "UPDATE jobs SET state = 'final', outcome_json = ?, final_at_ms = ? WHERE job_id = ? AND round = ?",
      toColumn(outcome),
      atMs,
      jobId,
      round,
    )
  }

  pin(name: string, value: string): string {
    this.#run('INSERT INTO pins (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING', name, value)
    return this.pinned(name) ?? value
  }

  pinned(name: string): string | undefined {
    const found = this.#database.prepare('SELECT value FROM pins WHERE name = ?').get(name)
    return found && String(found.value)
  }

  close(): void {
    this.#database.close()
    this.#unlock()
  }

  #run(sql: string, ...values: SQLInputValue[]): void {
    this.#database.prepare(sql).run(...values)
  }

  #rows(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#database
      .prepare(sql)
      .all(...values)
      .map(rowFromTable)
  }

  #get(jobId: JobId, round: number): Row {
    const row = this.find(jobId, round)
    if (!row) throw new DuckMeshError('JOB_NOT_FOUND', 'The journal has no such job.', { jobId, round })
    return row
  }
}

const alreadyRevealed = (jobId: JobId, round: number): DuckMeshError =>
  new DuckMeshError('ALREADY_REVEALED', 'This seat has revealed under another assignment of the round.', {
    jobId,
    round,
  })
