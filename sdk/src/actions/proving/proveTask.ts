import {
  agentIdOf,
  contextOf,
  DuckMeshError,
  duckMeshAbi,
  type JobId,
  type ProvingSecret,
  proofSelectorOf,
  sealTaskInput,
  type TaskStatus,
  verifySealKey,
} from '@duckmesh/protocol'
import type { Hex } from 'viem'
import { chainNowSeconds } from '../../chain/chainTime.ts'
import { authorizationFor, type ClientContext } from '../../clients/clientContext.ts'
import { isTransient, retry, sleep } from '../../transport/retry.ts'
import { type PreparedTask, prepareTask, type TaskParameters, type TaskSecret } from './prepareTask.ts'

export type WaitForProofParameters = {
  /** Told whenever the status has changed. */
  onStatus?: ((status: TaskStatus) => void) | undefined
  /** Longest wait, ms. @default until the order can no longer be paid, and a while */
  timeoutMs?: number | undefined
  signal?: AbortSignal | undefined
}

/** A proof that was paid, and verified by this client. */
export type ProvenTask = {
  taskId: JobId
  /** What the circuit computed: its first public signals. */
  results: bigint[]
  proverId: number
  priceWei: bigint
  outputHash: Hex
  /** As the contract took it. */
  proof: Hex
  /** Transaction that paid it. */
  transaction: Hex
  /** Turns that it took. */
  attempts: number
}

const POLL_MS = 300
/** How long after the last second of payment the coordinator may take to notice, ms. */
const GRACE_MS = 15_000

/** Sends a task; the coordinator knows it by its id. */
export const sendTask = (context: ClientContext, { body }: PreparedTask): Promise<{ taskId: JobId }> =>
  retry(() => context.coordinator.submitTask(body))

/** Prepares, sends and waits. */
export async function proveTask(
  context: ClientContext,
  parameters: TaskParameters,
  options: WaitForProofParameters = {},
): Promise<ProvenTask> {
  const task = await prepareTask(context, parameters)
  await sendTask(context, task)
  return waitForProof(context, task, options)
}

/**
 * Waits for the proof of a task and verifies it.
 * @throws DuckMeshError `TASK_FAILED`, `PROOF_REFUSED`, `WAIT_TIMEOUT`, `SEAL_KEY_INVALID`, `CANCELLED`
 */
export async function waitForProof(
  context: ClientContext,
  task: PreparedTask,
  { onStatus, timeoutMs, signal }: WaitForProofParameters = {},
): Promise<ProvenTask> {
  const { taskId } = task
  const { acceptBy, execWindow } = task.body.order
  const leftMs = (acceptBy + execWindow - (await chainNowSeconds(context))) * 1_000 + GRACE_MS
  const endMs = Date.now() + (timeoutMs ?? leftMs)
  let seen = ''
  let sealedFor = 0
  for (;;) {
    const status = await statusOrNone(context, taskId, signal)
    if (status && `${status.status} ${status.attempt}` !== seen) {
      seen = `${status.status} ${status.attempt}`
      onStatus?.(status)
    }
    if (status?.status === 'completed') return verified(context, task, status)
    if (status?.status === 'failed') {
      const details = { taskId, failure: status.failure, attempts: status.attempts, skipped: status.skipped }
      throw new DuckMeshError('TASK_FAILED', `No proof, and nothing was paid: ${status.failure}.`, details)
    }
    if (status?.sealKey && status.attempt > sealedFor) {
      await sealInput(context, task, status)
      sealedFor = status.attempt
    }
    if (Date.now() >= endMs)
      throw new DuckMeshError('WAIT_TIMEOUT', 'The proof did not come in time.', { taskId })
    await sleep(POLL_MS, signal)
  }
}

/** Undefined while the coordinator is away: it goes on when it is back. */
const statusOrNone = (context: ClientContext, taskId: JobId, signal: AbortSignal | undefined) =>
  context.coordinator.task(taskId, signal).catch((thrown: unknown) => {
    if (isTransient(DuckMeshError.from(thrown))) return undefined
    throw thrown
  })

/** Seals the inputs to the prover of this attempt, by a key that the chain's signing key vouches for. */
async function sealInput(
  context: ClientContext,
  { taskId, secret }: PreparedTask,
  status: TaskStatus,
): Promise<void> {
  const { domain, publicClient } = context
  const { assignedProver: proverId, sealKey, attempt } = status
  if (proverId === null || !sealKey) return
  const { signingKey } = await publicClient.readContract({
    address: domain.verifyingContract,
    abi: duckMeshAbi,
    functionName: 'providerOf',
    args: [proverId],
  })
  const nowSeconds = await chainNowSeconds(context)
  await verifySealKey({ domain, providerId: proverId, signingKey, sealKey, nowSeconds })
  const told = await secretFor(secret, contextOf(taskId, agentIdOf(proverId)))
  const sealed = await sealTaskInput(told, sealKey.publicKey, { domain, proverId, taskId })
  const authorization = await authorizationFor(context, context.info.address)
  await context.coordinator.taskInput(taskId, { attempt, sealed }, authorization).catch((thrown: unknown) => {
    // the task went to another prover meanwhile: its inputs are sealed anew
    if (DuckMeshError.from(thrown).code !== 'WRONG_STAGE') throw thrown
  })
}

async function secretFor(secret: TaskSecret, ctx: bigint): Promise<ProvingSecret> {
  if ('inputs' in secret) return secret
  const bytes = await secret.witnessOf(ctx)
  const text = Array.from({ length: Math.ceil(bytes.length / 8_192) }, (_, at) =>
    String.fromCharCode(...bytes.subarray(at * 8_192, (at + 1) * 8_192)),
  )
  return { witness: btoa(text.join('')) }
}

/** Fetches the proof and judges it by the order and the key on chain: the coordinator is believed nothing. */
async function verified(context: ClientContext, task: PreparedTask, status: TaskStatus): Promise<ProvenTask> {
  const { coordinator, domain, publicClient } = context
  const { taskId, body } = task
  const { order } = body
  const { proverId, outputHash, proof, transaction } = await retry(() => coordinator.taskResult(taskId))
  // only now: a page that verifies no proof does not load the pairing
  const { judgeProof, readVerifyingKey } = await import('@duckmesh/protocol/proving')
  const selector = proofSelectorOf(order)
  const key =
    selector && (await readVerifyingKey(publicClient, domain.verifyingContract, selector, order.modelId))
  if (!key)
    throw new DuckMeshError('UNKNOWN_CIRCUIT', 'The chain has no such verifying key.', {
      modelId: order.modelId,
    })
  const judgement = await judgeProof({ domain, order, proverId, outputHash, proof, key })
  if (!judgement.holds) {
    const details = { taskId, proverId, transaction, fault: judgement.fault }
    throw new DuckMeshError('PROOF_REFUSED', `The proof does not hold: ${judgement.fault}.`, details)
  }
  const { results } = judgement
  const { priceWei } = order
  return {
    taskId,
    results,
    proverId,
    priceWei,
    outputHash,
    proof,
    transaction,
    attempts: status.attempts.length,
  }
}
