import { type JobId, type SignedAssignment, signedAssignmentSchema, stringifyWire } from '@duckmesh/protocol'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Hex } from 'viem'
import type { Store } from '../../ports/store.ts'
import { insertEvents } from './eventQueries.ts'
import { toSeat } from './rows.ts'
import type { Database } from './schema.ts'

const nextWork = sql<number>`nextval('work_seq')`

/** Any number that nothing else locks in this database. */
const WORK_LOCK = 0xd0c5

/**
 * Takes the right to give work numbers until the transaction ends. Without it a number could become visible after a
 * larger one, when the cursor of a node has passed it already, and the node would never see that work.
 */
const lockWorkNumbers = (tx: Transaction<Database>) =>
  sql`select pg_advisory_xact_lock(${WORK_LOCK})`.execute(tx)

/**
 * Stores a signed seating: its seats are assigned, all others of the round excused. A seat that had committed signed for
 * the seating before: its commitment stands, and it is asked to sign it for this one. A seat that still runs is told, so
 * that it commits for this one.
 */
export async function insertSeating(
  tx: Transaction<Database>,
  jobId: JobId,
  seating: SignedAssignment,
  nowMs: number,
): Promise<void> {
  const { round, seats } = seating.assignment
  await lockWorkNumbers(tx)
  await tx
    .insertInto('seatings')
    .values({ job_id: jobId, round, seating_json: stringifyWire(seating) })
    .execute()
  await tx
    .updateTable('seats')
    .set({ stage: 'excused' })
    .where('job_id', '=', jobId)
    .where('round', '=', round)
    .where('provider_id', 'not in', seats)
    .execute()
  await tx
    .updateTable('seats')
    .set({
      stage: 'assigned',
      commit_signature: null,
      reveal_signature: null,
      salt: null,
      output_hash: null,
      assigned_at_ms: nowMs,
    })
    .where('job_id', '=', jobId)
    .where('round', '=', round)
    .where('stage', '=', 'committed')
    .where('provider_id', 'in', seats)
    .execute()
  await tx
    .updateTable('seats')
    .set({ work_seq: nextWork })
    .where('job_id', '=', jobId)
    .where('round', '=', round)
    .where('stage', '=', 'assigned')
    .where('provider_id', 'in', seats)
    .execute()
  for (const provider_id of seats) {
    await tx
      .insertInto('seats')
      .values({
        job_id: jobId,
        round,
        provider_id,
        stage: 'assigned',
        work_seq: nextWork,
        assigned_at_ms: nowMs,
      })
      .onConflict((conflict) => conflict.columns(['job_id', 'round', 'provider_id']).doNothing())
      .execute()
  }
}

/** Makes the seats of a round new work for their nodes. */
export async function wakeSeats(tx: Transaction<Database>, jobId: JobId, round: number): Promise<void> {
  await lockWorkNumbers(tx)
  await tx
    .updateTable('seats')
    .set({ work_seq: nextWork })
    .where('job_id', '=', jobId)
    .where('round', '=', round)
    .execute()
}

/** Seats, their commitments and openings, and the work that waits for them. */
export const seatQueries = (
  db: Kysely<Database>,
): Pick<
  Store,
  'seatings' | 'seats' | 'commitSeat' | 'revealSeat' | 'openSeat' | 'workOf' | 'activeSeats'
> => ({
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

  commitSeat: ({ jobId, round, providerId, commitment, signature }, event, nowMs) =>
    db.transaction().execute(async (tx) => {
      // the row of the job orders this against the step that anchors: its event comes after all commitments
      await tx.selectFrom('jobs').select('job_id').where('job_id', '=', jobId).forUpdate().execute()
      const { numUpdatedRows } = await tx
        .updateTable('seats')
        .set({
          stage: 'committed',
          commitment,
          commit_signature: signature,
          committed_at_ms: sql`coalesce(committed_at_ms, ${nowMs})`,
        })
        .where('job_id', '=', jobId)
        .where('round', '=', round)
        .where('provider_id', '=', providerId)
        .where('stage', '=', 'assigned')
        .executeTakeFirstOrThrow()
      if (numUpdatedRows > 0n) await insertEvents(tx, jobId, [event], nowMs)
      const stands = await tx
        .selectFrom('seats')
        .select('commitment')
        .where('job_id', '=', jobId)
        .where('round', '=', round)
        .where('provider_id', '=', providerId)
        .executeTakeFirst()
      return stands?.commitment as Hex | undefined
    }),

  revealSeat: ({ jobId, round, providerId, salt, outputHash, signature }, event, nowMs) =>
    db.transaction().execute(async (tx) => {
      // ordered by the row of the job, as commitments are
      const job = await tx
        .selectFrom('jobs')
        .select(['state', 'round'])
        .where('job_id', '=', jobId)
        .forUpdate()
        .executeTakeFirst()
      if (job?.state !== 'committed' || job.round !== round) return false
      const ofSeat = { job_id: jobId, round, provider_id: providerId, stage: 'committed' }
      const { numUpdatedRows } = await tx
        .updateTable('seats')
        .set({ salt, output_hash: outputHash, reveal_signature: signature })
        .where((eb) => eb.and(ofSeat))
        .where('reveal_signature', 'is', null)
        .executeTakeFirstOrThrow()
      if (numUpdatedRows > 0n) await insertEvents(tx, jobId, [event], nowMs)
      const stands = await tx
        .selectFrom('seats')
        .select('reveal_signature')
        .where((eb) => eb.and(ofSeat))
        .executeTakeFirst()
      return stands?.reveal_signature != null
    }),

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

  workOf: async (providerId, after, settledSinceMs) => {
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
          eb.and([
            eb('seats.stage', '=', 'committed'),
            eb('jobs.state', '=', 'committed'),
            eb('seats.reveal_signature', 'is', null),
          ]),
          eb.and([
            eb('seats.stage', '=', 'committed'),
            eb('jobs.state', '=', 'settled'),
            eb('seats.reveal_signature', 'is not', null),
            eb('jobs.updated_at_ms', '>=', settledSinceMs),
          ]),
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
})
