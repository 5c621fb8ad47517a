import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { JobId } from '@duckmesh/protocol'
import type { Hex } from 'viem'

/** What a provider's journal says about one round of a job. */
export type JournalRow = {
  round: number
  state: string
  /** Undefined before the node promised anything. */
  commitment: Hex | undefined
  hasReceipt: boolean
  outcome: { kind: string; earnedWei: string; lostWei: string; slashReason: string | null } | null
}

/** Reads the rows of a job from the journal of a provider, running or dead. */
export function readJournal(dataDir: string, jobId: JobId): JournalRow[] {
  const database = new DatabaseSync(join(dataDir, 'journal.sqlite'), { readOnly: true })
  try {
    const rows = database
      .prepare('SELECT round, state, promised_json, receipt_json, outcome_json FROM jobs WHERE job_id = ?')
      .all(jobId)
    return rows.map((row) => ({
      round: Number(row.round),
      state: String(row.state),
      commitment: parsed(row.promised_json)?.seat?.commitment,
      hasReceipt: row.receipt_json !== null,
      outcome: parsed(row.outcome_json),
    }))
  } finally {
    database.close()
  }
}

const parsed = (text: unknown) => (typeof text === 'string' ? JSON.parse(text) : null)
