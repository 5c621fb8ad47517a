import { sql } from 'kysely'
import type { Store } from '../../ports/store.ts'
import { batchQueries } from './batchQueries.ts'
import { eventQueries } from './eventQueries.ts'
import { evidenceQueries } from './evidenceQueries.ts'
import { guardStore } from './guardStore.ts'
import { jobQueries } from './jobQueries.ts'
import { nodeQueries } from './nodeQueries.ts'
import type { OpenDatabase } from './openDatabase.ts'
import { proverQueries } from './proverQueries.ts'
import { scheduleQueries } from './scheduleQueries.ts'
import { seatQueries } from './seatQueries.ts'
import { taskQueries } from './taskQueries.ts'
import { transactionQueries } from './transactionQueries.ts'

/**
 * The store over PostgreSQL, embedded or not.
 * @param opened database of `openDatabase`
 * @throws DuckMeshError `STORE_UNAVAILABLE` from any call while the database is away
 */
export function createStore({ database, isExclusive, close }: OpenDatabase): Store {
  return guardStore({
    isExclusive,
    close,
    ping: async () => void (await sql`select 1`.execute(database)),
    ...jobQueries(database),
    ...eventQueries(database),
    ...seatQueries(database),
    ...scheduleQueries(database),
    ...nodeQueries(database),
    ...transactionQueries(database),
    ...taskQueries(database),
    ...proverQueries(database),
    ...evidenceQueries(database),
    ...batchQueries(database),
  })
}
