import {
  circuitInputsSchema,
  orderSchema,
  proverSkipSchema,
  sealedSchema,
  taskResultSchema,
} from '@duckmesh/protocol'
import type { Selectable } from 'kysely'
import type { Hex } from 'viem'
import { z } from 'zod'
import type { AttemptRecord, TaskRecord } from '../../ports/taskStore.ts'
import type { Database } from './schema.ts'

const json = (text: string | null): unknown => (text === null ? null : JSON.parse(text))

/** A `proof_tasks` row as a record. */
export const toTask = (row: Selectable<Database['proof_tasks']>): TaskRecord => ({
  taskId: row.task_id as Hex,
  state: row.state as TaskRecord['state'],
  order: orderSchema.parse(JSON.parse(row.order_json)),
  orderSignature: row.order_signature as Hex,
  circuit: row.circuit,
  request: z.array(z.string()).parse(JSON.parse(row.request_json)).map(BigInt),
  privacyLevel: row.privacy_level as TaskRecord['privacyLevel'],
  priority: row.priority,
  needsGpu: row.needs_gpu,
  inputs: circuitInputsSchema.nullable().parse(json(row.inputs_json)),
  sealed: sealedSchema.nullable().parse(json(row.sealed_json)),
  proverId: row.prover_id === null ? null : Number(row.prover_id),
  attempt: row.attempt,
  expiresAtMs: row.expires_at_ms === null ? null : Number(row.expires_at_ms),
  skipped: proverSkipSchema.array().parse(JSON.parse(row.skipped_json)),
  result: row.result_json === null ? null : taskResultSchema.parse(JSON.parse(row.result_json)),
  failure: row.failure,
  fromBlock: BigInt(row.from_block),
  createdAtMs: Number(row.created_at_ms),
  updatedAtMs: Number(row.updated_at_ms),
})

/** A `proof_attempts` row as a record. */
export const toAttempt = (row: Selectable<Database['proof_attempts']>): AttemptRecord => ({
  taskId: row.task_id as Hex,
  attempt: row.attempt,
  proverId: Number(row.prover_id),
  scoreBps: row.score_bps,
  outcome: row.outcome as AttemptRecord['outcome'],
  startedAtMs: Number(row.started_at_ms),
  endedAtMs: row.ended_at_ms === null ? null : Number(row.ended_at_ms),
})
