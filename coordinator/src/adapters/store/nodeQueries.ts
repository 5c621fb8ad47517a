import { stringifyWire } from '@duckmesh/protocol'
import type { Kysely } from 'kysely'
import type { Store } from '../../ports/store.ts'
import { toNode } from './rows.ts'
import type { Database } from './schema.ts'

/** Nodes as they last announced themselves. */
export const nodeQueries = (db: Kysely<Database>): Pick<Store, 'upsertNode' | 'nodes'> => ({
  upsertNode: async ({ lastSeenAtMs, ...announce }) => {
    const values = { announce_json: stringifyWire(announce), last_seen_at_ms: lastSeenAtMs }
    await db
      .insertInto('nodes')
      .values({ provider_id: announce.providerId, ...values })
      .onConflict((conflict) => conflict.column('provider_id').doUpdateSet(values))
      .execute()
  },

  nodes: async () => (await db.selectFrom('nodes').selectAll().orderBy('provider_id').execute()).map(toNode),
})
