import { type Kysely, sql } from 'kysely'
import type { Hex } from 'viem'
import type { Store } from '../../ports/store.ts'
import type { Database } from './schema.ts'

/** Which job wants attention, and who has it. */
export const scheduleQueries = (
  db: Kysely<Database>,
): Pick<Store, 'wakeAt' | 'takeDue' | 'releaseLease' | 'releaseAll'> => ({
  wakeAt: async (jobId, atMs) => {
    await sql`update jobs set due_at_ms = least(due_at_ms, ${atMs})
      where job_id = ${jobId} and due_at_ms is not null`.execute(db)
  },

  takeDue: async (nowMs, leaseUntilMs, limit) => {
    // the taken job is due again when the lease ends: a process that dies loses nothing but that time
    const { rows } = await sql<{ job_id: Hex }>`
      update jobs set lease_until_ms = ${leaseUntilMs}, due_at_ms = ${leaseUntilMs}
      where job_id in (
        select job_id from jobs where due_at_ms <= ${nowMs} and lease_until_ms <= ${nowMs}
        order by due_at_ms limit ${limit} for update skip locked)
      returning job_id`.execute(db)
    return rows.map((row) => row.job_id)
  },

  releaseLease: async (jobId, nextDueMs) => {
    await sql`update jobs set lease_until_ms = 0, due_at_ms = least(due_at_ms, ${nextDueMs})
      where job_id = ${jobId} and due_at_ms is not null`.execute(db)
  },

  releaseAll: async (nowMs) => {
    await sql`update jobs set lease_until_ms = 0, due_at_ms = ${nowMs} where due_at_ms is not null`.execute(
      db,
    )
  },
})
