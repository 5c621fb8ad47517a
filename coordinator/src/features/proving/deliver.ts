import {
  DuckMeshError,
  type JobId,
  type ProofClaim,
  type ProofResultBody,
  type ProofVerdict,
  proofClaimTypedData,
  proofQualityBps,
  proofSelectorOf,
  recover,
  type TaskDeclineBody,
  type TaskInputBody,
} from '@duckmesh/protocol'
import { judgeProof } from '@duckmesh/protocol/proving'
import { type Address, isAddressEqual, keccak256 } from 'viem'
import type { Container } from '../../container.ts'
import type { TaskRecord } from '../../ports/taskStore.ts'
import type { Caller } from '../market/collect.ts'
import { endTurn } from './schedule.ts'

/** @throws DuckMeshError `TASK_NOT_FOUND` */
export async function taskOf({ store }: Container, taskId: JobId): Promise<TaskRecord> {
  const task = await store.task(taskId)
  if (task) return task
  throw new DuckMeshError('TASK_NOT_FOUND', 'There is no task with this id.', { taskId })
}

/**
 * Takes sealed inputs from the buyer, for the prover of this attempt.
 * @throws DuckMeshError `FORBIDDEN`, `WRONG_STAGE` when the task has another prover by now
 */
export async function takeInput(
  container: Container,
  taskId: JobId,
  { attempt, sealed }: TaskInputBody,
  account: Address,
): Promise<void> {
  const { store, wakes } = container
  const task = await taskOf(container, taskId)
  if (!isAddressEqual(account, task.order.requester)) {
    throw new DuckMeshError('FORBIDDEN', 'Only the requester brings inputs.')
  }
  if (!(await store.sealInput(taskId, attempt, sealed))) {
    const details = { attempt: task.attempt, state: task.state }
    throw new DuckMeshError('WRONG_STAGE', 'The task does not wait for inputs of this attempt.', details)
  }
  if (task.proverId !== null) wakes.ring(`prover:${task.proverId}`)
}

/**
 * A prover gives its task back, and says why. What comes late, about an earlier turn, changes nothing.
 * @throws DuckMeshError `FORBIDDEN` when the task is not its own
 */
export async function takeDecline(
  container: Container,
  taskId: JobId,
  { attempt, code }: TaskDeclineBody,
  { providerId }: Caller,
): Promise<void> {
  const task = await taskOf(container, taskId)
  if (task.proverId !== providerId) throw new DuckMeshError('FORBIDDEN', 'The task is not with this prover.')
  const isUnderWay = task.state === 'assigned' || task.state === 'in_progress'
  if (isUnderWay && task.attempt === attempt) await endTurn(container, task, 'declined', code)
}

/**
 * Takes a proof that its prover says holds and is paid. It is verified here, its signals against the order. A false one
 * was signed for: the claim is kept, brought to the chain, and the task goes to another prover.
 * @throws DuckMeshError `FORBIDDEN` for a task that was never with this prover, `BAD_SIGNATURE`, `PROOF_NOT_PAID`
 */
export async function takeProof(
  container: Container,
  body: ProofResultBody,
  caller: Caller,
): Promise<ProofVerdict> {
  const { chain, clock, domain, store, wakes } = container
  const { taskId, proverId, outputHash, proof, signature } = body
  const task = await taskOf(container, taskId)
  const turn = (await store.attempts(taskId)).findLast((attempt) => attempt.proverId === proverId)
  if (proverId !== caller.providerId || !turn) {
    throw new DuckMeshError('FORBIDDEN', 'The task was never with this prover.', { proverId })
  }
  const claim: ProofClaim = { jobId: taskId, providerId: proverId, outputHash, proofHash: keccak256(proof) }
  const signer = await recover({ ...proofClaimTypedData(domain, claim), signature })
  if (!signer || !isAddressEqual(signer, caller.signingKey)) {
    throw new DuckMeshError('BAD_SIGNATURE', 'The claim is not signed by the prover.', { signer })
  }
  const selector = proofSelectorOf(task.order)
  const key = selector && (await chain.verifyingKey(selector, task.order.modelId))
  if (!key) throw new DuckMeshError('CHAIN_UNAVAILABLE', 'The chain does not show the verifying key.')
  const judgement = await judgeProof({ domain, order: task.order, proverId, outputHash, proof, key })
  if (!judgement.holds) {
    await store.keepFalseClaim(taskId, turn.attempt, { claim, signature, proof })
    container.logger.warn({ taskId, proverId, fault: judgement.fault }, 'false proof')
    if (turn.attempt === task.attempt) await endTurn(container, task, 'false-proof')
    wakes.ring('tasks')
    return { accepted: false, verification: 'fail', qualityBps: 0 }
  }
  const settled = await chain.settledProof(taskId, task.fromBlock)
  if (!settled) throw new DuckMeshError('PROOF_NOT_PAID', 'The chain has not paid this proof.', { taskId })
  const isOwn = settled.proverId === proverId && settled.outputHash === outputHash
  await store.completeTask(isOwn ? { ...settled, proof } : settled, clock.nowMs())
  wakes.ring('tasks') // a slot is free
  return { accepted: isOwn, verification: 'pass', qualityBps: isOwn ? proofQualityBps(turn.attempt) : 0 }
}
