import type { Kysely } from 'kysely'
import type { Hex } from 'viem'
import type { Store } from '../../ports/store.ts'
import type { Database } from './schema.ts'

/** Transactions that were sent for a job: a note for people, never what a step decides from. */
export const transactionQueries = (db: Kysely<Database>): Pick<Store, 'addTransaction' | 'transactions'> => ({
  addTransaction: async (jobId, kind, hash, nowMs) => {
    await db
      .insertInto('transactions')
      .values({ hash, job_id: jobId, kind, at_ms: nowMs })
      .onConflict((conflict) => conflict.column('hash').doNothing())
      .execute()
  },

  transactions: async (jobId) => {
    const rows = await db
      .selectFrom('transactions')
      .select(['kind', 'hash'])
      .where('job_id', '=', jobId)
      .orderBy('at_ms')
      .execute()
    return rows.map((row) => ({ kind: row.kind, hash: row.hash as Hex }))
  },
})
