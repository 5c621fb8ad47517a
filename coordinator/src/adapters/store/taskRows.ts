import {
  circuitInputsSchema,
  type ErrorCode,
  orderSchema,
  proverSkipSchema,
  sealedSchema,
  stringifyWire,
  taskResultSchema,
} from '@duckmesh/protocol'
import { type Insertable, type Selectable, sql } from 'kysely'
import type { Hex } from 'viem'
import { z } from 'zod'
import type { AttemptRecord, QueuedTask, TaskRecord } from '../../ports/taskStore.ts'
import type { Database } from './schema.ts'

const json = (text: string | null): unknown => (text === null ? null : JSON.parse(text))

type TaskRow = Selectable<Database['proof_tasks']>

/** Columns of a task that are small whatever it is about. */
export const QUEUED_COLUMNS = [
  'task_id',
  'state',
  'order_json',
  'order_signature',
  'circuit',
  'request_json',
  'privacy_level',
  'priority',
  'needs_gpu',
  'prover_id',
  'attempt',
  'expires_at_ms',
  'skipped_json',
  'failure',
  'from_block',
  'created_at_ms',
  'updated_at_ms',
  sql<boolean>`sealed_json is not null`.as('is_sealed'),
] as const

/** A new task as a row. */
export const newTaskRow = (task: TaskRecord): Insertable<Database['proof_tasks']> => ({
  task_id: task.taskId,
  state: task.state,
  requester: task.order.requester,
  nonce: task.order.nonce.toString(),
  price_wei: task.order.priceWei.toString(),
  order_json: stringifyWire(task.order),
  order_signature: task.orderSignature,
  circuit: task.circuit,
  request_json: stringifyWire(task.request),
  privacy_level: task.privacyLevel,
  priority: task.priority,
  needs_gpu: task.needsGpu,
  inputs_json: task.inputs && stringifyWire(task.inputs),
  sealed_json: null,
  prover_id: null,
  attempt: 0,
  expires_at_ms: null,
  skipped_json: '[]',
  result_json: null,
  failure: null,
  from_block: task.fromBlock.toString(),
  created_at_ms: task.createdAtMs,
  updated_at_ms: task.updatedAtMs,
})

/** A `proof_tasks` row as a record. */
export const toTask = (row: TaskRow): TaskRecord => ({
  ...toCommon(row),
  inputs: circuitInputsSchema.nullable().parse(json(row.inputs_json)),
  sealed: sealedSchema.nullable().parse(json(row.sealed_json)),
  result: row.result_json === null ? null : taskResultSchema.parse(JSON.parse(row.result_json)),
})

/** The small columns of a `proof_tasks` row as a record. */
export const toQueuedTask = (row: SmallRow & { is_sealed: boolean }): QueuedTask => ({
  ...toCommon(row),
  isSealed: row.is_sealed,
})

type SmallRow = Omit<
  TaskRow,
  'inputs_json' | 'sealed_json' | 'result_json' | 'requester' | 'nonce' | 'price_wei'
>

const toCommon = (row: SmallRow): Omit<TaskRecord, 'inputs' | 'sealed' | 'result'> => ({
  taskId: row.task_id as Hex,
  state: row.state as TaskRecord['state'],
  order: orderSchema.parse(JSON.parse(row.order_json)),
  orderSignature: row.order_signature as Hex,
  circuit: row.circuit,
  request: z.array(z.string()).parse(JSON.parse(row.request_json)).map(BigInt),
  privacyLevel: row.privacy_level as TaskRecord['privacyLevel'],
  priority: row.priority,
  needsGpu: row.needs_gpu,
  proverId: row.prover_id === null ? null : Number(row.prover_id),
  attempt: row.attempt,
  expiresAtMs: row.expires_at_ms === null ? null : Number(row.expires_at_ms),
  skipped: proverSkipSchema.array().parse(JSON.parse(row.skipped_json)),
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
  code: row.code as ErrorCode | null,
  startedAtMs: Number(row.started_at_ms),
  endedAtMs: row.ended_at_ms === null ? null : Number(row.ended_at_ms),
})
