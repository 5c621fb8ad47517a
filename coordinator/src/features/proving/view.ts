import {
  DuckMeshError,
  type JobId,
  privacyLevels,
  type TaskResult,
  type TaskStatus,
} from '@duckmesh/protocol'
import type { Container } from '../../container.ts'
import { taskOf } from './deliver.ts'

const iso = (ms: number): string => new Date(ms).toISOString()

/** What everybody may know of a task: no inputs, no proof. @throws DuckMeshError `TASK_NOT_FOUND` */
export async function taskStatus(container: Container, taskId: JobId): Promise<TaskStatus> {
  const { store } = container
  const task = await taskOf(container, taskId)
  const { state, proverId, circuit, privacyLevel, priority, order, attempt, skipped, failure } = task
  const attempts = await store.attempts(taskId)
  const waitsForInput = privacyLevel !== privacyLevels.open && state === 'assigned' && !task.sealed
  const prover = waitsForInput ? (await store.provers()).find((row) => row.proverId === proverId) : undefined
  return {
    taskId,
    status: state,
    assignedProver: proverId,
    circuit,
    privacyLevel,
    priority,
    order,
    attempt,
    sealKey: prover?.sealKey ?? null,
    attempts: attempts.map(({ startedAtMs, endedAtMs, taskId: _id, ...turn }) => ({
      ...turn,
      startedAt: iso(startedAtMs),
      endedAt: endedAtMs === null ? null : iso(endedAtMs),
    })),
    skipped,
    failure,
    createdAt: iso(task.createdAtMs),
    updatedAt: iso(task.updatedAtMs),
  }
}

/**
 * The proof of a task, public as the transaction that paid it.
 * @throws DuckMeshError `TASK_NOT_FOUND`, `JOB_NOT_DONE`, `TASK_FAILED`
 */
export async function taskResult(container: Container, taskId: JobId): Promise<TaskResult> {
  const { state, result, failure } = await taskOf(container, taskId)
  if (result) return result
  if (state === 'failed') throw new DuckMeshError('TASK_FAILED', `The task failed: ${failure}.`, { taskId })
  throw new DuckMeshError('JOB_NOT_DONE', `The task is ${state}.`, { state })
}
