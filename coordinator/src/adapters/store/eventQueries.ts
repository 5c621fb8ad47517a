import { type JobId, stringifyWire } from '@duckmesh/protocol'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Hex } from 'viem'
import type { NewEvent, Store } from '../../ports/store.ts'
import { toEvent } from './rows.ts'
import type { Database } from './schema.ts'

/**
 * Writes events of a job, numbered on from its last one. The transaction must hold the row of the job: else two
 * writers would take the same number, and one of them would fail.
 */
export async function insertEvents(
  tx: Transaction<Database>,
  jobId: JobId,
  events: NewEvent[],
  nowMs: number,
): Promise<void> {
  for (const { type, data } of events) {
    await sql`insert into events (job_id, seq, type, at_ms, data_json)
      select ${jobId}, coalesce(max(seq), 0) + 1, ${type}, ${nowMs}, ${stringifyWire(data)}
      from events where job_id = ${jobId}`.execute(tx)
  }
}

/** What happened to a job, in order. */
export const eventQueries = (
  db: Kysely<Database>,
): Pick<Store, 'appendEvent' | 'events' | 'recentEvents'> => ({
  appendEvent: (jobId, event, nowMs) =>
    db.transaction().execute(async (tx) => {
      await tx.selectFrom('jobs').select('job_id').where('job_id', '=', jobId).forUpdate().execute()
      await insertEvents(tx, jobId, [event], nowMs)
    }),

  events: async (jobId, afterSeq) => {
    const rows = await db
      .selectFrom('events')
      .selectAll()
      .where('job_id', '=', jobId)
      .where('seq', '>', afterSeq)
      .orderBy('seq')
      .limit(1_000)
      .execute()
    return rows.map(toEvent)
  },

  recentEvents: async (limitJobs) => {
    const rows = await db
      .selectFrom('events')
      .select(['job_id', 'type', 'at_ms'])
      .where('type', '!=', 'progress')
      .where('job_id', 'in', (jobs) =>
        jobs.selectFrom('jobs').select('job_id').orderBy('created_at_ms', 'desc').limit(limitJobs),
      )
      .orderBy('job_id')
      .orderBy('seq')
      .execute()
    return rows.map((row) => ({
      jobId: row.job_id as Hex,
      type: row.type as never,
      atMs: Number(row.at_ms),
    }))
  },
})
