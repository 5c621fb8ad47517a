import {
  type Announce,
  announceSchema,
  inferenceRequestSchema,
  inferenceResultSchema,
  type JobEvent,
  type JobState,
  jobEventSchema,
  orderSchema,
  outcomeSchema,
  signedReceiptSchema,
  skippedSchema,
} from '@duckmesh/protocol'
import type { Selectable } from 'kysely'
import type { Hex } from 'viem'
import type { JobRecord, NodeRecord, SeatRecord } from '../../ports/store.ts'
import type { Database } from './schema.ts'

const numberOrNull = (value: string | number | null): number | null => (value === null ? null : Number(value))

/** A `jobs` row as a record. */
export const toJob = (row: Selectable<Database['jobs']>): JobRecord => ({
  jobId: row.job_id as Hex,
  state: row.state as JobState,
  round: row.round,
  order: orderSchema.parse(JSON.parse(row.order_json)),
  orderSignature: row.order_signature as Hex,
  request: inferenceRequestSchema.parse(JSON.parse(row.request_json)),
  createdAtMs: Number(row.created_at_ms),
  updatedAtMs: Number(row.updated_at_ms),
  fromBlock: BigInt(row.from_block),
  outcome: row.outcome_json === null ? null : outcomeSchema.parse(JSON.parse(row.outcome_json)),
  skipped: skippedSchema.array().parse(JSON.parse(row.skipped_json)),
})

/** A `seats` row as a record. */
export const toSeat = (row: Selectable<Database['seats']>): SeatRecord => ({
  jobId: row.job_id as Hex,
  round: row.round,
  providerId: Number(row.provider_id),
  stage: row.stage as SeatRecord['stage'],
  assignedAtMs: Number(row.assigned_at_ms),
  commitment: row.commitment as Hex | null,
  commitSignature: row.commit_signature as Hex | null,
  committedAtMs: numberOrNull(row.committed_at_ms),
  revealSignature: row.reveal_signature as Hex | null,
  salt: row.salt as Hex | null,
  outputHash: row.output_hash as Hex | null,
  result: row.result_json === null ? null : inferenceResultSchema.parse(JSON.parse(row.result_json)),
  receipt: row.receipt_json === null ? null : signedReceiptSchema.parse(JSON.parse(row.receipt_json)),
  openedAtMs: numberOrNull(row.opened_at_ms),
})

/** A `nodes` row as a record. */
export const toNode = (row: Selectable<Database['nodes']>): NodeRecord => ({
  ...(announceSchema.parse(JSON.parse(row.announce_json)) satisfies Announce),
  lastSeenAtMs: Number(row.last_seen_at_ms),
})

/** An `events` row as an event. */
export const toEvent = (row: Selectable<Database['events']>): JobEvent =>
  jobEventSchema.parse({
    seq: row.seq,
    type: row.type,
    atMs: Number(row.at_ms),
    data: JSON.parse(row.data_json),
  })
