import { isTaskOver, orderSchema, proofQualityBps, stringifyWire } from '@duckmesh/protocol'
import { type Kysely, sql } from 'kysely'
import type { Hex } from 'viem'
import type { FalseClaim, TaskRecord, TaskStore } from '../../ports/taskStore.ts'
import { lockRequester, refusalOf } from './pledges.ts'
import { type Database, HEAD_START_MS, QUEUE_PLACE } from './schema.ts'
import { newTaskRow, QUEUED_COLUMNS, toAttempt, toQueuedTask, toTask } from './taskRows.ts'

const UNDER_WAY = ['assigned', 'in_progress'] as const

/** Proof tasks and the turns of provers at them. */
export const taskQueries = (
  db: Kysely<Database>,
): Omit<TaskStore, 'upsertProver' | 'touchProver' | 'provers' | 'proverRecords' | 'activeTasks'> => ({
  createTask: (task, funds, bounds) =>
    db.transaction().execute(async (tx) => {
      await lockRequester(tx, task.order.requester)
      const known = tx.selectFrom('proof_tasks').select('task_id').where('task_id', '=', task.taskId)
      if (await known.executeTakeFirst()) return 'exists'
      const refusal = await refusalOf(tx, task.order, funds, bounds)
      if (refusal) return refusal
      await tx.insertInto('proof_tasks').values(newTaskRow(task)).execute()
      return 'created'
    }),

  task: async (taskId) => {
    const row = await db
      .selectFrom('proof_tasks')
      .selectAll()
      .where('task_id', '=', taskId)
      .executeTakeFirst()
    return row && toTask(row)
  },

  pendingTasks: async (limit, after) => {
    const place = sql.raw(QUEUE_PLACE)
    const rows = await db
      .selectFrom('proof_tasks')
      .select(QUEUED_COLUMNS)
      .where('state', '=', 'pending')
      .$if(after !== undefined, (query) => {
        const { createdAtMs, priority, taskId } = after!
        const from = createdAtMs - priority * HEAD_START_MS
        return query.where(sql<boolean>`(${place}, task_id) > (${from}, ${taskId})`)
      })
      .orderBy(place)
      .orderBy('task_id')
      .limit(limit)
      .execute()
    return rows.map(toQueuedTask)
  },

  tasksUnderWay: async () => {
    const rows = await db
      .selectFrom('proof_tasks')
      .select(QUEUED_COLUMNS)
      .where('state', 'in', UNDER_WAY)
      .execute()
    return rows.map(toQueuedTask)
  },

  tasksOf: async (proverId) => {
    const rows = await db
      .selectFrom('proof_tasks')
      .select(QUEUED_COLUMNS)
      .where('prover_id', '=', proverId)
      .where('state', 'in', UNDER_WAY)
      .orderBy('created_at_ms')
      .execute()
    return rows.map(toQueuedTask)
  },

  noteSkipped: async (taskId, skipped) => {
    await db
      .updateTable('proof_tasks')
      .set({ skipped_json: stringifyWire(skipped) })
      .where('task_id', '=', taskId)
      .where('state', '=', 'pending')
      .execute()
  },

  assignTask: (taskId, { attempt, proverId, scoreBps, expiresAtMs, capacity }, skipped, nowMs) =>
    db.transaction().execute(async (tx) => {
      // schedulers of two processes take turns at a prover: else each would fill its last slot
      await tx
        .selectFrom('provers')
        .select('prover_id')
        .where('prover_id', '=', proverId)
        .forUpdate()
        .executeTakeFirst()
      const { active } = await tx
        .selectFrom('proof_tasks')
        .select(({ fn }) => fn.countAll<string>().as('active'))
        .where('prover_id', '=', proverId)
        .where('state', 'in', UNDER_WAY)
        .executeTakeFirstOrThrow()
      if (Number(active) >= capacity) return false
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
          code: null,
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

  endTurn: (taskId, attempt, { outcome, code, to, failure }, nowMs) =>
    db.transaction().execute(async (tx) => {
      const { numUpdatedRows } = await tx
        .updateTable('proof_tasks')
        .set({
          state: to,
          prover_id: null,
          expires_at_ms: null,
          sealed_json: null,
          ...(to === 'failed' ? { inputs_json: null } : {}),
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
        .set({ outcome: sql`coalesce(outcome, ${outcome})`, code: code ?? null, ended_at_ms: nowMs })
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
