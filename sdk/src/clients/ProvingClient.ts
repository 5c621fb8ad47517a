import type { JobId, Provers, TaskStatus } from '@duckmesh/protocol'
import { type PreparedTask, prepareTask, type TaskParameters } from '../actions/proving/prepareTask.ts'
import {
  type ProvenTask,
  proveTask,
  sendTask,
  type WaitForProofParameters,
  waitForProof,
} from '../actions/proving/proveTask.ts'
import type { ClientContext } from './clientContext.ts'

/** The part of a client that is about zero-knowledge proofs. */
export class ProvingClient {
  /** Connection, terms and keys; what actions take as their first argument. */
  readonly context: ClientContext

  constructor(context: ClientContext) {
    this.context = context
  }

  /**
   * Lists provers with circuits, prices, load and reputation.
   * @throws DuckMeshError `SERVICE_UNAVAILABLE`
   * @example const { provers } = await client.getProvers()
   */
  getProvers(): Promise<Provers> {
    return this.context.coordinator.provers()
  }

  /**
   * Public status of a proof task.
   * @throws DuckMeshError `TASK_NOT_FOUND`, `SERVICE_UNAVAILABLE`
   * @example const { status, attempts } = await client.getTask(taskId)
   */
  getTask(taskId: JobId): Promise<TaskStatus> {
    return this.context.coordinator.task(taskId)
  }

  /**
   * Builds and signs the order of a proof without sending it: keep it before `sendTask` to survive a crash in between.
   * @throws DuckMeshError `UNKNOWN_CIRCUIT`, `SERVICE_UNAVAILABLE`
   * @example const task = await client.prepareTask({ circuit, modelId, request, inputs })
   */
  prepareTask(parameters: TaskParameters): Promise<PreparedTask> {
    return prepareTask(this.context, parameters)
  }

  /** Sends a prepared task; sending it again changes nothing. @example await client.sendTask(task) */
  sendTask(task: PreparedTask): Promise<{ taskId: JobId }> {
    return sendTask(this.context, task)
  }

  /**
   * Waits for the proof of a task that was sent, sealing its inputs to each prover where that is asked for, and verifies it
   * by the verifying key that the chain has.
   * @throws DuckMeshError `TASK_FAILED`, `PROOF_REFUSED`, `WAIT_TIMEOUT`, `SEAL_KEY_INVALID`, `CANCELLED`
   * @example const { results } = await client.waitForProof(task)
   */
  waitForProof(task: PreparedTask, options?: WaitForProofParameters): Promise<ProvenTask> {
    return waitForProof(this.context, task, options)
  }

  /**
   * Orders a proof and waits for it: paid on chain only when the verifier takes it, and verified here once more.
   * @throws DuckMeshError as `prepareTask` and `waitForProof`, and what the coordinator refuses with
   * @example const { results, proverId } = await client.proveTask({ circuit, modelId, request, inputs })
   */
  proveTask(parameters: TaskParameters, options?: WaitForProofParameters): Promise<ProvenTask> {
    return proveTask(this.context, parameters, options)
  }
}
