import {
  isTerminal,
  type JobId,
  type JobState,
  signedAssignmentSchema,
  stringifyWire,
} from '@duckmesh/protocol'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Hex } from 'viem'
import type { NewEvent, Store } from '../../ports/store.ts'
import type { OpenDatabase } from './openDatabase.ts'
import { toEvent, toJob, toNode, toSeat } from './rows.ts'
import type { Database } from './schema.ts'

type Db = Kysely<Database> | Transaction<Database>

const nextWork = sql<number>`nextval('work_seq')`

async function insertEvents(db: Db, jobId: JobId, events: NewEvent[], nowMs: number): Promise<void> {
  for (const { type, data } of events) {
    // numbered inside the statement, so that two writers of one job collide on the key instead of losing an event
    await sql`insert into events (job_id, seq, type, at_ms, data_json)
      select ${jobId}, coalesce(max(seq), 0) + 1, ${type}, ${nowMs}, ${stringifyWire(data)}
      from events where job_id = ${jobId}`.execute(db)
  }
}

/**
 * The store over PostgreSQL, embedded or not.
 * @param opened database of `openDatabase`
 */
export function createStore({ database: db, isExclusive, close }: OpenDatabase): Store {
  return {
    isExclusive,
    close,
    ping: async () => void (await sql`select 1`.execute(db)),

    createJob: (job, event) =>
      db.transaction().execute(async (tx) => {
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

    liveJobsOf: async (requester) => {
      const rows = await db
        .selectFrom('jobs')
        .select(['job_id', 'nonce', 'price_wei', 'state'])
        .where('requester', '=', requester)
        .where('due_at_ms', 'is not', null)
        .execute()
      return rows.map((row) => ({
        jobId: row.job_id as Hex,
        nonce: BigInt(row.nonce),
        priceWei: BigInt(row.price_wei),
        state: row.state as JobState,
      }))
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
        if (step.seating) {
          const { assignment } = step.seating
          const seating_json = stringifyWire(step.seating)
          await tx
            .insertInto('seatings')
            .values({ job_id: step.jobId, round: assignment.round, seating_json })
            .execute()
          await tx
            .updateTable('seats')
            .set({ stage: 'excused' })
            .where('job_id', '=', step.jobId)
            .where('round', '=', assignment.round)
            .where('provider_id', 'not in', assignment.seats)
            .execute()
          for (const provider_id of assignment.seats) {
            await tx
              .insertInto('seats')
              .values({
                job_id: step.jobId,
                round: assignment.round,
                provider_id,
                stage: 'assigned',
                work_seq: nextWork,
                assigned_at_ms: nowMs,
              })
              .onConflict((conflict) => conflict.columns(['job_id', 'round', 'provider_id']).doNothing())
              .execute()
          }
        }
        if (step.wakesSeats) {
          await tx
            .updateTable('seats')
            .set({ work_seq: nextWork })
            .where('job_id', '=', step.jobId)
            .where('round', '=', step.to.round)
            .execute()
        }
        await insertEvents(tx, step.jobId, step.events, nowMs)
        return true
      }),

    appendEvent: (jobId, event, nowMs) => insertEvents(db, jobId, [event], nowMs),

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

    seatings: async (jobId) => {
      const rows = await db
        .selectFrom('seatings')
        .selectAll()
        .where('job_id', '=', jobId)
        .orderBy('id')
        .execute()
      return rows.map((row) => signedAssignmentSchema.parse(JSON.parse(row.seating_json)))
    },

    seats: async (jobId) => {
      const rows = await db
        .selectFrom('seats')
        .selectAll()
        .where('job_id', '=', jobId)
        .orderBy('round')
        .orderBy('provider_id')
        .execute()
      return rows.map(toSeat)
    },

    commitSeat: async ({ jobId, round, providerId, commitment, signature }, nowMs) => {
      const { numUpdatedRows } = await db
        .updateTable('seats')
        .set({ stage: 'committed', commitment, commit_signature: signature, committed_at_ms: nowMs })
        .where('job_id', '=', jobId)
        .where('round', '=', round)
        .where('provider_id', '=', providerId)
        .where('stage', '=', 'assigned')
        .executeTakeFirstOrThrow()
      const stands = await db
        .selectFrom('seats')
        .select('commitment')
        .where('job_id', '=', jobId)
        .where('round', '=', round)
        .where('provider_id', '=', providerId)
        .executeTakeFirst()
      if (!stands?.commitment) return undefined
      return { commitment: stands.commitment as Hex, isNew: numUpdatedRows > 0n }
    },

    openSeat: async ({ jobId, round, providerId, salt, outputHash, result, receipt }, nowMs) => {
      const { numUpdatedRows } = await db
        .updateTable('seats')
        .set({
          stage: 'opened',
          salt,
          output_hash: outputHash,
          result_json: stringifyWire(result),
          receipt_json: stringifyWire(receipt),
          opened_at_ms: nowMs,
        })
        .where('job_id', '=', jobId)
        .where('round', '=', round)
        .where('provider_id', '=', providerId)
        .where('stage', '=', 'committed')
        .executeTakeFirstOrThrow()
      return numUpdatedRows > 0n
    },

    workOf: async (providerId, after) => {
      const rows = await db
        .selectFrom('seats')
        .innerJoin('jobs', 'jobs.job_id', 'seats.job_id')
        .selectAll('seats')
        .where('seats.provider_id', '=', providerId)
        .where('seats.work_seq', '>', after)
        .whereRef('seats.round', '=', 'jobs.round')
        .where((eb) =>
          eb.or([
            eb.and([eb('seats.stage', '=', 'assigned'), eb('jobs.state', '=', 'assigned')]),
            eb.and([eb('seats.stage', '=', 'committed'), eb('jobs.state', '=', 'anchored')]),
          ]),
        )
        .orderBy('seats.work_seq')
        .limit(64)
        .execute()
      return rows.map((row) => ({ seat: toSeat(row), workSeq: Number(row.work_seq) }))
    },

    activeSeats: async () => {
      const rows = await db
        .selectFrom('seats')
        .innerJoin('jobs', 'jobs.job_id', 'seats.job_id')
        .select(({ fn }) => ['seats.provider_id', fn.countAll<string>().as('active')])
        .whereRef('seats.round', '=', 'jobs.round')
        .where('jobs.state', '=', 'assigned')
        .where('seats.stage', '=', 'assigned')
        .groupBy('seats.provider_id')
        .execute()
      return new Map(rows.map((row) => [Number(row.provider_id), Number(row.active)]))
    },

    upsertNode: async ({ lastSeenAtMs, ...announce }) => {
      const values = { announce_json: stringifyWire(announce), last_seen_at_ms: lastSeenAtMs }
      await db
        .insertInto('nodes')
        .values({ provider_id: announce.providerId, ...values })
        .onConflict((conflict) => conflict.column('provider_id').doUpdateSet(values))
        .execute()
    },

    nodes: async () =>
      (await db.selectFrom('nodes').selectAll().orderBy('provider_id').execute()).map(toNode),

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

    countByState: async () => {
      const rows = await db
        .selectFrom('jobs')
        .select(({ fn }) => ['state', fn.countAll<string>().as('jobs')])
        .groupBy('state')
        .execute()
      return Object.fromEntries(rows.map((row) => [row.state, Number(row.jobs)]))
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
  }
}
