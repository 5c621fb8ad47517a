import { evidenceBatchSchema, evidenceItemSchema, stringifyWire } from '@duckmesh/protocol'
import { type Kysely, type Selectable, sql } from 'kysely'
import type { Hex } from 'viem'
import type { BatchRecord, EvidenceStore } from '../../ports/evidenceStore.ts'
import type { Database } from './schema.ts'

const toBatch = (row: Selectable<Database['evidence_batches']>): BatchRecord => ({
  sequence: row.sequence,
  batch: evidenceBatchSchema.parse(JSON.parse(row.batch_json)),
  isAnchored: row.is_anchored,
  transaction: row.transaction as Hex | null,
})

/** Batches of evidence, sealed before they are anchored. */
export const batchQueries = (
  db: Kysely<Database>,
): Pick<
  EvidenceStore,
  | 'sealBatch'
  | 'unsealBatch'
  | 'batchAt'
  | 'openBatches'
  | 'batches'
  | 'itemsOf'
  | 'noteTransaction'
  | 'markAnchored'
> => ({
  sealBatch: (sequence, limit, make) =>
    db.transaction().execute(async (tx) => {
      const waiting = await tx
        .selectFrom('evidence')
        .select(['hash', 'item_json'])
        .where('sequence', 'is', null)
        .orderBy('taken_at_ms')
        .orderBy('hash')
        .limit(limit)
        .forUpdate()
        .skipLocked()
        .execute()
      if (waiting.length === 0) return undefined
      const leaves = waiting.map((row) => ({
        hash: row.hash as Hex,
        item: evidenceItemSchema.parse(JSON.parse(row.item_json)),
      }))
      const { batch, paths } = make(leaves)
      const made = await tx
        .insertInto('evidence_batches')
        .values({ sequence, batch_json: stringifyWire(batch), is_anchored: false, transaction: null })
        .onConflict((conflict) => conflict.doNothing()) // another process with this store was faster
        .returningAll()
        .executeTakeFirst()
      if (!made) return undefined
      const placed = leaves.map(({ hash }, index) => ({ hash, index, path: JSON.stringify(paths[index]) }))
      await sql`update evidence set sequence = ${sequence}, leaf_index = leaf.index, path_json = leaf.path
        from jsonb_to_recordset(${JSON.stringify(placed)}::jsonb) as leaf(hash text, index integer, path text)
        where evidence.hash = leaf.hash`.execute(tx)
      return toBatch(made)
    }),

  unsealBatch: (sequence) =>
    db.transaction().execute(async (tx) => {
      await tx
        .updateTable('evidence')
        .set({ sequence: null, leaf_index: null, path_json: null })
        .where('sequence', '=', sequence)
        .execute()
      await tx.deleteFrom('evidence_batches').where('sequence', '=', sequence).execute()
    }),

  batchAt: async (sequence) => {
    const row = await db
      .selectFrom('evidence_batches')
      .selectAll()
      .where('sequence', '=', sequence)
      .executeTakeFirst()
    return row && toBatch(row)
  },

  openBatches: async () => {
    const rows = await db
      .selectFrom('evidence_batches')
      .selectAll()
      .where('is_anchored', '=', false)
      .orderBy('sequence')
      .execute()
    return rows.map(toBatch)
  },

  batches: async (limit) => {
    const rows = await db
      .selectFrom('evidence_batches')
      .selectAll()
      .orderBy('sequence', 'desc')
      .limit(limit)
      .execute()
    return rows.map(toBatch)
  },

  itemsOf: async (sequence) => {
    const rows = await db
      .selectFrom('evidence')
      .select('item_json')
      .where('sequence', '=', sequence)
      .orderBy('leaf_index')
      .execute()
    return rows.map((row) => evidenceItemSchema.parse(JSON.parse(row.item_json)))
  },

  noteTransaction: async (sequence, transaction) => {
    await db.updateTable('evidence_batches').set({ transaction }).where('sequence', '=', sequence).execute()
  },

  markAnchored: async (sequence) => {
    await db
      .updateTable('evidence_batches')
      .set({ is_anchored: true })
      .where('sequence', '=', sequence)
      .execute()
  },
})
