import type { JobId, Provers, TaskStatus } from '@duckmesh/protocol'
import type { Hex } from 'viem'
import type {
  HiddenModel,
  ModelRegistration,
  RegisteredModel,
  RegisterHiddenParameters,
  RegisterModelParameters,
} from '../actions/proving/modelTypes.ts'
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

  /**
   * Registers a model with public weights, so that proofs can be ordered by its id. Costs about 3 million gas for 425
   * weights, and once for each circuit 6 million for its key.
   * @throws DuckMeshError `BAD_REQUEST`, `BAD_CONFIG`, `CHAIN_REVERTED`, `CHAIN_UNAVAILABLE`, `CANCELLED`
   * @example const { modelId } = await client.registerModel({ key, weights, metadataHash })
   */
  async registerModel(parameters: RegisterModelParameters): Promise<ModelRegistration> {
    const { registerModel } = await import('../actions/proving/registerModel.ts')
    return registerModel(this.context, parameters)
  }

  /**
   * Reads a registered model, with its weights where the calldata of its registration holds them.
   * @throws DuckMeshError `MODEL_UNREGISTERED`, `BAD_CONFIG`, `CHAIN_UNAVAILABLE`
   * @example const { weights } = await client.getModel(modelId)
   */
  async getModel(modelId: Hex): Promise<RegisteredModel> {
    const { getModel } = await import('../actions/proving/getModel.ts')
    return getModel(this.context, modelId)
  }

  /**
   * Writes down that this account has the model behind a commitment; the weights stay with it.
   * @throws DuckMeshError `BAD_CONFIG`, `CHAIN_REVERTED`, `CHAIN_UNAVAILABLE`, `CANCELLED`
   * @example const { modelId } = await client.registerHiddenModel({ keyId, commitment, metadataHash })
   */
  async registerHiddenModel(parameters: RegisterHiddenParameters): Promise<ModelRegistration> {
    const { registerHiddenModel } = await import('../actions/proving/hiddenModels.ts')
    return registerHiddenModel(this.context, parameters)
  }

  /**
   * Reads who claims a hidden model, its commitment, and the key that opens it.
   * @throws DuckMeshError `MODEL_UNREGISTERED`, `BAD_CONFIG`, `CHAIN_UNAVAILABLE`
   * @example const { keyId, commitment } = await client.getHiddenModel(modelId)
   */
  async getHiddenModel(modelId: Hex): Promise<HiddenModel> {
    const { getHiddenModel } = await import('../actions/proving/hiddenModels.ts')
    return getHiddenModel(this.context, modelId)
  }
}
