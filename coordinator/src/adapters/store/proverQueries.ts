import {
  addressSchema,
  blamesOrder,
  type ErrorCode,
  errorCodes,
  type ProverRecord,
  proverSchema,
  stringifyWire,
} from '@duckmesh/protocol'
import { type Kysely, sql } from 'kysely'
import type { TaskStore } from '../../ports/taskStore.ts'
import type { Database } from './schema.ts'

/** Declines that say that nobody could prove the order. */
const ORDER_FAULTS = Object.keys(errorCodes).filter((code) => blamesOrder(code as ErrorCode))

/**
 * Turns that ended badly by the prover's own fault. Who declines an order as bad has none, until another prover has proved
 * it after all: else whoever orders what cannot be proved would cost each prover its reputation.
 */
const IS_FAULT = sql`outcome in ('timeout', 'false-proof') or (outcome = 'declined'
  and (code is null or code not in (${sql.join(ORDER_FAULTS)}) or state = 'completed'))`

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
      .innerJoin('proof_tasks', 'proof_tasks.task_id', 'proof_attempts.task_id')
      .select([
        'proof_attempts.prover_id',
        sql<string>`count(*) filter (where outcome = 'proved')`.as('proofs'),
        sql<string>`count(*) filter (where ${IS_FAULT})`.as('failures'),
        sql<string>`coalesce(sum(quality_bps), 0)`.as('quality'),
        sql<string>`coalesce(sum(ended_at_ms - started_at_ms) filter (where outcome = 'proved'), 0)`.as(
          'elapsed',
        ),
      ])
      .groupBy('proof_attempts.prover_id')
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
