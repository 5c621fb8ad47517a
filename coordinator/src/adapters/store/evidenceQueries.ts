import {
  bytes32Schema,
  type ExecutionEvidence,
  evidenceItemSchema,
  jobIdOfEvidence,
  outcomeSchema,
  providerIdOfEvidence,
  type SlaEvidence,
  signedReceiptSchema,
  stringifyWire,
} from '@duckmesh/protocol'
import { type Kysely, type Selectable, sql } from 'kysely'
import type { Hex } from 'viem'
import type { EvidenceRecord, EvidenceStore, NewEvidence } from '../../ports/evidenceStore.ts'
import type { Database } from './schema.ts'

/** States of jobs that have ended. */
const CLOSED = ['settled', 'refunded', 'expired'] as const
/** Evidence of one job that is shown: every seat of every round, and every auditor. */
const MOST_OF_JOB = 256
/** Rows of one statement, which has 65,535 parameters at most. */
const ROWS_AT_ONCE = 1_024

const toRecord = (row: Selectable<Database['evidence']>): EvidenceRecord => ({
  hash: row.hash as Hex,
  item: evidenceItemSchema.parse(JSON.parse(row.item_json)),
  place: row.sequence === null ? null : toPlace(row.sequence, row.leaf_index!, row.path_json!),
})

const toPlace = (sequence: number, index: number, pathJson: string) => ({
  sequence,
  index,
  path: bytes32Schema.array().parse(JSON.parse(pathJson)),
})

async function insert(db: Kysely<Database>, records: NewEvidence[], nowMs: number): Promise<number> {
  let added = 0
  for (let from = 0; from < records.length; from += ROWS_AT_ONCE) {
    const rows = records.slice(from, from + ROWS_AT_ONCE).map(({ hash, item }) => ({
      hash,
      kind: item.kind,
      job_id: jobIdOfEvidence(item),
      provider_id: providerIdOfEvidence(item),
      item_json: stringifyWire(item),
      taken_at_ms: nowMs,
    }))
    const { numInsertedOrUpdatedRows = 0n } = await db
      .insertInto('evidence')
      .values(rows)
      // the same again, or another word of the same provider about the same job: the first stands
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirstOrThrow()
    added += Number(numInsertedOrUpdatedRows)
  }
  return added
}

/** Evidence as it comes in. */
export const evidenceQueries = (
  db: Kysely<Database>,
): Pick<
  EvidenceStore,
  | 'addEvidence'
  | 'evidenceOf'
  | 'execution'
  | 'slaOf'
  | 'countPending'
  | 'unfiledSeats'
  | 'fileSeats'
  | 'answersOf'
> => ({
  addEvidence: (records, nowMs) => db.transaction().execute((tx) => insert(tx, records, nowMs)),

  evidenceOf: async (jobId) => {
    const rows = await db
      .selectFrom('evidence')
      .selectAll()
      .where('job_id', '=', jobId)
      .orderBy('kind', 'desc') // executions, then the audits of them
      .orderBy('provider_id')
      .limit(MOST_OF_JOB)
      .execute()
    return rows.map(toRecord)
  },

  execution: async (jobId, providerId) => {
    const row = await db
      .selectFrom('evidence')
      .selectAll()
      .where('job_id', '=', jobId)
      .where('kind', '=', 'execution')
      .where('provider_id', '=', providerId)
      .executeTakeFirst()
    return row && (toRecord(row).item as ExecutionEvidence)
  },

  slaOf: async (providerId, limit) => {
    const rows = await db
      .selectFrom('evidence')
      .selectAll()
      .where('provider_id', '=', providerId)
      .where('kind', '=', 'sla')
      .orderBy('taken_at_ms', 'desc')
      .limit(limit)
      .execute()
    return rows.map((row) => toRecord(row) as EvidenceRecord<SlaEvidence>)
  },

  countPending: async (providerId) => {
    const { count } = await db
      .selectFrom('evidence')
      .select(({ fn }) => fn.countAll<string>().as('count'))
      .where('sequence', 'is', null)
      .where('provider_id', '=', providerId)
      .executeTakeFirstOrThrow()
    return Number(count)
  },

  unfiledSeats: async (limit) => {
    const rows = await db
      .selectFrom('seats')
      .innerJoin('jobs', 'jobs.job_id', 'seats.job_id')
      .select(['seats.job_id', 'seats.round', 'seats.provider_id', 'seats.receipt_json', 'jobs.outcome_json'])
      .where('seats.receipt_json', 'is not', null)
      .where('seats.is_filed', '=', false)
      .where('jobs.state', 'in', CLOSED)
      .orderBy('seats.opened_at_ms')
      .limit(limit)
      .execute()
    return rows.map((row) => ({
      jobId: row.job_id as Hex,
      round: row.round,
      providerId: Number(row.provider_id),
      receipt: signedReceiptSchema.parse(JSON.parse(row.receipt_json!)),
      outcome: row.outcome_json === null ? null : outcomeSchema.parse(JSON.parse(row.outcome_json)),
    }))
  },

  fileSeats: (seats, records, nowMs) =>
    db.transaction().execute(async (tx) => {
      await insert(tx, records, nowMs)
      for (const { jobId, round, providerId } of seats) {
        await tx
          .updateTable('seats')
          .set({ is_filed: true })
          .where('job_id', '=', jobId)
          .where('round', '=', round)
          .where('provider_id', '=', providerId)
          .execute()
      }
    }),

  answersOf: async (providerId, fromMs, untilMs, patienceMs, limit) => {
    // a seat whose time was up without a commitment, and whose record says that it was silent and did not decline
    const { rows } = await sql<{ job_id: Hex; latency_ms: string | null }>`
      select job_id, committed_at_ms - assigned_at_ms as latency_ms, committed_at_ms as at_ms from seats
        where provider_id = ${providerId} and committed_at_ms > ${fromMs} and committed_at_ms <= ${untilMs}
          and committed_at_ms >= assigned_at_ms
      union all
      select s.job_id, null as latency_ms, s.assigned_at_ms + ${patienceMs}::bigint as at_ms from seats s
        where s.provider_id = ${providerId} and s.stage = 'excused' and s.commitment is null
          and s.assigned_at_ms > ${fromMs - patienceMs} and s.assigned_at_ms <= ${untilMs - patienceMs}
          and exists (select 1 from seatings g where g.job_id = s.job_id and g.round = s.round and
            g.seating_json::jsonb @> jsonb_build_object('record', jsonb_build_object('excused', jsonb_build_array(
              jsonb_build_object('providerId', ${providerId}::bigint, 'reason', 'SILENT')))))
      order by at_ms desc limit ${limit}`.execute(db)
    return rows.map((row) => ({
      jobId: row.job_id,
      latencyMs: row.latency_ms === null ? null : Number(row.latency_ms),
    }))
  },
})
