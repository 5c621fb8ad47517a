import { isTerminal, stringifyWire } from '@duckmesh/protocol'
import type { Kysely } from 'kysely'
import type { Store } from '../../ports/store.ts'
import { insertEvents } from './eventQueries.ts'
import { lockRequester, refusalOf } from './pledges.ts'
import { toJob } from './rows.ts'
import type { Database } from './schema.ts'
import { insertSeating, wakeSeats } from './seatQueries.ts'

/** Jobs and their steps. */
export const jobQueries = (
  db: Kysely<Database>,
): Pick<Store, 'createJob' | 'job' | 'applyStep' | 'countByState'> => ({
  createJob: (job, event, funds) =>
    db.transaction().execute(async (tx) => {
      if (funds) {
        await lockRequester(tx, job.order.requester)
        if (await tx.selectFrom('jobs').select('job_id').where('job_id', '=', job.jobId).executeTakeFirst())
          return 'exists'
        const refusal = await refusalOf(tx, job.order, funds)
        if (refusal) return refusal
      }
      const { numInsertedOrUpdatedRows } = await tx
        .insertInto('jobs')
        .values({
          job_id: job.jobId,
          state: job.state,
          round: job.round,
          requester: job.order.requester,
          nonce: job.order.nonce.toString(),
          price_wei: job.order.priceWei.toString(),
          order_json: stringifyWire(job.order),
          order_signature: job.orderSignature,
          request_json: stringifyWire(job.request),
          outcome_json: null,
          skipped_json: stringifyWire(job.skipped),
          from_block: job.fromBlock.toString(),
          created_at_ms: job.createdAtMs,
          updated_at_ms: job.updatedAtMs,
          due_at_ms: job.createdAtMs,
          lease_until_ms: 0,
        })
        .onConflict((conflict) => conflict.column('job_id').doNothing())
        .executeTakeFirstOrThrow()
      if (numInsertedOrUpdatedRows === 0n) return 'exists'
      await insertEvents(tx, job.jobId, [event], job.createdAtMs)
      return 'created'
    }),

  job: async (jobId) => {
    const row = await db.selectFrom('jobs').selectAll().where('job_id', '=', jobId).executeTakeFirst()
    return row && toJob(row)
  },

  applyStep: (step, nowMs) =>
    db.transaction().execute(async (tx) => {
      const { numUpdatedRows } = await tx
        .updateTable('jobs')
        .set({
          state: step.to.state,
          round: step.to.round,
          updated_at_ms: nowMs,
          due_at_ms: isTerminal(step.to.state) ? null : nowMs,
          ...(step.outcome ? { outcome_json: stringifyWire(step.outcome) } : {}),
          ...(step.skipped ? { skipped_json: stringifyWire(step.skipped) } : {}),
        })
        .where('job_id', '=', step.jobId)
        .where('state', '=', step.from.state)
        .where('round', '=', step.from.round)
        .executeTakeFirstOrThrow()
      if (numUpdatedRows === 0n) return false
      if (step.seating) await insertSeating(tx, step.jobId, step.seating, nowMs)
      if (step.wakesSeats) await wakeSeats(tx, step.jobId, step.to.round)
      await insertEvents(tx, step.jobId, step.events, nowMs)
      return true
    }),

  countByState: async () => {
    const rows = await db
      .selectFrom('jobs')
      .select(({ fn }) => ['state', fn.countAll<string>().as('jobs')])
      .groupBy('state')
      .execute()
    return Object.fromEntries(rows.map((row) => [row.state, Number(row.jobs)]))
  },
})
