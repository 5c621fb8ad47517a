import { isTaskOver, orderSchema, proofQualityBps, stringifyWire } from '@duckmesh/protocol'
import { type Kysely, sql } from 'kysely'
import type { Hex } from 'viem'
import type { FalseClaim, TaskRecord, TaskStore } from '../../ports/taskStore.ts'
import type { Database } from './schema.ts'
import { toAttempt, toTask } from './taskRows.ts'

const OPEN = ['pending', 'assigned', 'in_progress'] as const
const UNDER_WAY = ['assigned', 'in_progress'] as const

/** Proof tasks and the turns of provers at them. */
export const taskQueries = (
  db: Kysely<Database>,
): Omit<TaskStore, 'upsertProver' | 'touchProver' | 'provers' | 'proverRecords' | 'activeTasks'> => ({
  createTask: async (task) => {
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('proof_tasks')
      .values({
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
      .onConflict((conflict) => conflict.column('task_id').doNothing())
      .executeTakeFirstOrThrow()
    return numInsertedOrUpdatedRows === 0n ? 'exists' : 'created'
  },

  task: async (taskId) => {
    const row = await db
      .selectFrom('proof_tasks')
      .selectAll()
      .where('task_id', '=', taskId)
      .executeTakeFirst()
    return row && toTask(row)
  },

  openTasks: async (limit) => {
    const rows = await db
      .selectFrom('proof_tasks')
      .selectAll()
      .where('state', 'in', OPEN)
      .orderBy('priority', 'desc')
      .orderBy('created_at_ms')
      .orderBy('task_id')
      .limit(limit)
      .execute()
    return rows.map(toTask)
  },

  openTasksOf: async (requester) => {
    const rows = await db
      .selectFrom('proof_tasks')
      .select(['task_id', 'nonce', 'price_wei'])
      .where('requester', '=', requester)
      .where('state', 'in', OPEN)
      .execute()
    return rows.map((row) => ({
      taskId: row.task_id as Hex,
      nonce: BigInt(row.nonce),
      priceWei: BigInt(row.price_wei),
    }))
  },

  tasksOf: async (proverId) => {
    const rows = await db
      .selectFrom('proof_tasks')
      .selectAll()
      .where('prover_id', '=', proverId)
      .where('state', 'in', UNDER_WAY)
      .orderBy('created_at_ms')
      .execute()
    return rows.map(toTask)
  },

  noteSkipped: async (taskId, skipped) => {
    await db
      .updateTable('proof_tasks')
      .set({ skipped_json: stringifyWire(skipped) })
      .where('task_id', '=', taskId)
      .where('state', '=', 'pending')
      .execute()
  },

  assignTask: (taskId, { attempt, proverId, scoreBps, expiresAtMs }, skipped, nowMs) =>
    db.transaction().execute(async (tx) => {
      const { numUpdatedRows } = await tx
        .updateTable('proof_tasks')
        .set({
          state: 'assigned',
          attempt,
          prover_id: proverId,
          expires_at_ms: expiresAtMs,
          skipped_json: stringifyWire(skipped),
          sealed_json: null,
          updated_at_ms: nowMs,
        })
        .where('task_id', '=', taskId)
        .where('state', '=', 'pending')
        .where('attempt', '=', attempt - 1)
        .executeTakeFirstOrThrow()
      if (numUpdatedRows === 0n) return false
      await tx
        .insertInto('proof_attempts')
        .values({
          task_id: taskId,
          attempt,
          prover_id: proverId,
          score_bps: scoreBps,
          outcome: null,
          quality_bps: null,
          started_at_ms: nowMs,
          ended_at_ms: null,
          claim_json: null,
          is_reported: false,
        })
        .execute()
      return true
    }),

  startTask: async (taskId, attempt, expiresAtMs, nowMs) => {
    const { numUpdatedRows } = await db
      .updateTable('proof_tasks')
      .set({ state: 'in_progress', expires_at_ms: expiresAtMs, updated_at_ms: nowMs })
      .where('task_id', '=', taskId)
      .where('state', '=', 'assigned')
      .where('attempt', '=', attempt)
      .executeTakeFirstOrThrow()
    return numUpdatedRows > 0n
  },

  sealInput: async (taskId, attempt, sealed) => {
    const { numUpdatedRows } = await db
      .updateTable('proof_tasks')
      .set({ sealed_json: stringifyWire(sealed) })
      .where('task_id', '=', taskId)
      .where('state', 'in', UNDER_WAY)
      .where('attempt', '=', attempt)
      .executeTakeFirstOrThrow()
    return numUpdatedRows > 0n
  },

  endTurn: (taskId, attempt, { outcome, to, failure }, nowMs) =>
    db.transaction().execute(async (tx) => {
      const { numUpdatedRows } = await tx
        .updateTable('proof_tasks')
        .set({
          state: to,
          prover_id: null,
          expires_at_ms: null,
          sealed_json: null,
          failure: failure ?? null,
          updated_at_ms: nowMs,
        })
        .where('task_id', '=', taskId)
        .where('state', 'in', UNDER_WAY)
        .where('attempt', '=', attempt)
        .executeTakeFirstOrThrow()
      if (numUpdatedRows === 0n) return false
      await tx
        .updateTable('proof_attempts')
        .set({ outcome: sql`coalesce(outcome, ${outcome})`, ended_at_ms: nowMs })
        .where('task_id', '=', taskId)
        .where('attempt', '=', attempt)
        .execute()
      return true
    }),

  failTask: async (taskId, failure, nowMs) => {
    const { numUpdatedRows } = await db
      .updateTable('proof_tasks')
      .set({ state: 'failed', failure, inputs_json: null, updated_at_ms: nowMs })
      .where('task_id', '=', taskId)
      .where('state', '=', 'pending')
      .executeTakeFirstOrThrow()
    return numUpdatedRows > 0n
  },

  completeTask: (result, nowMs) =>
    db.transaction().execute(async (tx) => {
      const row = await tx
        .selectFrom('proof_tasks')
        .selectAll()
        .where('task_id', '=', result.taskId)
        .forUpdate()
        .executeTakeFirst()
      if (!row || isTaskOver(row.state as TaskRecord['state'])) return false
      await tx
        .updateTable('proof_tasks')
        .set({
          state: 'completed',
          prover_id: result.proverId,
          result_json: stringifyWire(result),
          // what served its purpose is not kept
          inputs_json: null,
          sealed_json: null,
          expires_at_ms: null,
          updated_at_ms: nowMs,
        })
        .where('task_id', '=', result.taskId)
        .execute()
      const isByCurrent = Number(row.prover_id) === result.proverId
      await tx
        .updateTable('proof_attempts')
        .set({
          outcome: isByCurrent ? 'proved' : 'overtaken',
          quality_bps: isByCurrent ? proofQualityBps(row.attempt) : null,
          ended_at_ms: nowMs,
        })
        .where('task_id', '=', result.taskId)
        .where('attempt', '=', row.attempt)
        .where('outcome', 'is', null)
        .execute()
      return true
    }),

  attempts: async (taskId) => {
    const rows = await db
      .selectFrom('proof_attempts')
      .selectAll()
      .where('task_id', '=', taskId)
      .orderBy('attempt')
      .execute()
    return rows.map(toAttempt)
  },

  keepFalseClaim: async (taskId, attempt, claim) => {
    await db
      .updateTable('proof_attempts')
      .set({ claim_json: stringifyWire(claim), outcome: sql`coalesce(outcome, 'false-proof')` })
      .where('task_id', '=', taskId)
      .where('attempt', '=', attempt)
      .where('claim_json', 'is', null)
      .execute()
  },

  unreportedClaims: async () => {
    const rows = await db
      .selectFrom('proof_attempts')
      .innerJoin('proof_tasks', 'proof_tasks.task_id', 'proof_attempts.task_id')
      .select(['proof_attempts.task_id', 'proof_attempts.attempt', 'claim_json', 'order_json'])
      .where('claim_json', 'is not', null)
      .where('is_reported', '=', false)
      .limit(64)
      .execute()
    return rows.map((row) => ({
      taskId: row.task_id as Hex,
      attempt: row.attempt,
      order: orderSchema.parse(JSON.parse(row.order_json)),
      claim: JSON.parse(row.claim_json!) as FalseClaim,
    }))
  },

  markReported: async (taskId, attempt) => {
    await db
      .updateTable('proof_attempts')
      .set({ is_reported: true })
      .where('task_id', '=', taskId)
      .where('attempt', '=', attempt)
      .execute()
  },
})
