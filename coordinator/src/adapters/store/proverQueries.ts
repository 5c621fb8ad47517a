import { addressSchema, type ProverRecord, proverSchema, stringifyWire } from '@duckmesh/protocol'
import { type Kysely, sql } from 'kysely'
import type { TaskStore } from '../../ports/taskStore.ts'
import type { Database } from './schema.ts'

/** Turns that ended badly by the prover's own fault. */
const FAULTS = ['timeout', 'declined', 'false-proof'] as const

/** Provers as they registered, and what their past turns say of them. */
export const proverQueries = (
  db: Kysely<Database>,
): Pick<TaskStore, 'upsertProver' | 'touchProver' | 'provers' | 'proverRecords' | 'activeTasks'> => ({
  upsertProver: async ({ lastSeenAtMs, signingKey, ...offer }) => {
    const values = {
      signing_key: signingKey,
      offer_json: stringifyWire(offer),
      last_seen_at_ms: lastSeenAtMs,
    }
    await db
      .insertInto('provers')
      .values({ prover_id: offer.proverId, ...values })
      .onConflict((conflict) => conflict.column('prover_id').doUpdateSet(values))
      .execute()
  },

  touchProver: async (proverId, nowMs) => {
    const { numUpdatedRows } = await db
      .updateTable('provers')
      .set({ last_seen_at_ms: nowMs })
      .where('prover_id', '=', proverId)
      .executeTakeFirstOrThrow()
    return numUpdatedRows > 0n
  },

  provers: async () => {
    const rows = await db.selectFrom('provers').selectAll().orderBy('prover_id').execute()
    return rows.map((row) => ({
      ...proverSchema.parse(JSON.parse(row.offer_json)),
      signingKey: addressSchema.parse(row.signing_key),
      lastSeenAtMs: Number(row.last_seen_at_ms),
    }))
  },

  proverRecords: async () => {
    const rows = await db
      .selectFrom('proof_attempts')
      .select([
        'prover_id',
        sql<string>`count(*) filter (where outcome = 'proved')`.as('proofs'),
        sql<string>`count(*) filter (where outcome in (${sql.join(FAULTS)}))`.as('failures'),
        sql<string>`coalesce(sum(quality_bps), 0)`.as('quality'),
        sql<string>`coalesce(sum(ended_at_ms - started_at_ms) filter (where outcome = 'proved'), 0)`.as(
          'elapsed',
        ),
      ])
      .groupBy('prover_id')
      .execute()
    return new Map(
      rows.map((row): [number, ProverRecord] => [
        Number(row.prover_id),
        {
          proofs: Number(row.proofs),
          failures: Number(row.failures),
          qualitySumBps: Number(row.quality),
          elapsedSumMs: Number(row.elapsed),
        },
      ]),
    )
  },

  activeTasks: async () => {
    const rows = await db
      .selectFrom('proof_tasks')
      .select(({ fn }) => ['prover_id', fn.countAll<string>().as('active')])
      .where('state', 'in', ['assigned', 'in_progress'])
      .groupBy('prover_id')
      .execute()
    return new Map(rows.map((row) => [Number(row.prover_id), Number(row.active)]))
  },
})
