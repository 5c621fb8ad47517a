import { DatabaseSync } from 'node:sqlite'
import {
  bytes32Schema,
  DuckMeshError,
  type DutyRecord,
  type Evidence,
  evidenceSchema,
  type ProviderId,
  stringifyWire,
} from '@duckmesh/protocol'
import { newStanding, type Standing, type StandingChange, type StandingStore } from './standing.ts'

const schema = `
  CREATE TABLE IF NOT EXISTS standings (
    provider_id INTEGER PRIMARY KEY,
    streak INTEGER NOT NULL,
    checks INTEGER NOT NULL,
    misjudged INTEGER NOT NULL,
    caught_at_ms INTEGER
  ) STRICT;
  CREATE TABLE IF NOT EXISTS duties (
    stream_id TEXT PRIMARY KEY,
    rate REAL NOT NULL,
    was_checked INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS evidence (
    stream_id TEXT PRIMARY KEY,
    evidence_json TEXT NOT NULL
  ) STRICT;
`

type Row = Record<string, number | string | null>

/**
 * Opens what checks found, every commit flushed to disk.
 * @param path of the database; made when it is not there
 * @throws DuckMeshError `STORE_UNAVAILABLE` when it cannot be opened or written
 */
export function openSqliteStandingStore(path: string): StandingStore & { close(): void } {
  const database = guarded(() => {
    const opened = new DatabaseSync(path)
    opened.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; ${schema}`)
    return opened
  })
  const rows = (sql: string, ...values: (number | string)[]): Row[] =>
    guarded(() => database.prepare(sql).all(...values) as Row[])
  const run = (sql: string, ...values: (number | string | null)[]) => database.prepare(sql).run(...values)
  return {
    standing: async (providerId) => {
      const [row] = rows('SELECT * FROM standings WHERE provider_id = ?', providerId)
      return row ? toStanding(providerId, row) : newStanding(providerId)
    },
    duty: async (streamId) => rows('SELECT * FROM duties WHERE stream_id = ?', streamId).map(toDuty)[0],
    duties: async () => rows('SELECT * FROM duties ORDER BY rowid').map(toDuty),
    evidence: async () =>
      rows('SELECT * FROM evidence ORDER BY rowid').map(
        (row): Evidence => evidenceSchema.parse(JSON.parse(row.evidence_json as string)),
      ),
    save: async ({ standing, duty, evidence }: StandingChange) =>
      guarded(() => {
        database.exec('BEGIN IMMEDIATE')
        try {
          if (standing) {
            const { providerId, streak, checks, misjudged, caughtAtMs } = standing
            const sql = 'INSERT OR REPLACE INTO standings VALUES (?, ?, ?, ?, ?)'
            run(sql, providerId, streak, checks, misjudged, caughtAtMs)
          }
          if (duty) {
            // the first decision stands: a stream cannot be decided on again at another rate
            const sql = 'INSERT OR IGNORE INTO duties VALUES (?, ?, ?)'
            run(sql, duty.streamId, duty.rate, Number(duty.wasChecked))
          }
          if (evidence) {
            const { jobId } = evidence.receipt.receipt
            run('INSERT OR IGNORE INTO evidence VALUES (?, ?)', jobId, stringifyWire(evidence))
          }
          database.exec('COMMIT')
        } catch (error) {
          database.exec('ROLLBACK')
          throw error
        }
      }),
    close: () => database.close(),
  }
}

const toStanding = (providerId: ProviderId, row: Row): Standing => ({
  providerId,
  streak: Number(row.streak),
  checks: Number(row.checks),
  misjudged: Number(row.misjudged),
  caughtAtMs: row.caught_at_ms === null ? null : Number(row.caught_at_ms),
})

const toDuty = (row: Row): DutyRecord => ({
  streamId: bytes32Schema.parse(row.stream_id),
  rate: Number(row.rate),
  wasChecked: row.was_checked === 1,
})

function guarded<Result>(action: () => Result): Result {
  try {
    return action()
  } catch (cause) {
    throw new DuckMeshError(
      'STORE_UNAVAILABLE',
      'What checks found cannot be read or written.',
      {},
      { cause },
    )
  }
}
