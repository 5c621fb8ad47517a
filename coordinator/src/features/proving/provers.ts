import {
  type AssignedTask,
  DuckMeshError,
  type ProverOffer,
  type Provers,
  type ProviderId,
  privacyLevels,
  verifySealKey,
} from '@duckmesh/protocol'
import type { Container } from '../../container.ts'
import { nowSeconds } from '../../ports/clock.ts'
import type { TaskRecord } from '../../ports/taskStore.ts'
import type { Caller } from '../market/collect.ts'
import { lookAtProvers } from './auction.ts'

/** @throws DuckMeshError `FORBIDDEN` when a key speaks for another provider */
export function checkProver(proverId: ProviderId, caller: Caller): void {
  if (proverId !== caller.providerId) {
    throw new DuckMeshError('FORBIDDEN', `This key speaks for provider ${caller.providerId}.`)
  }
}

/**
 * Notes what a prover serves. It is a staked provider, known by the key that signs its session.
 * @throws DuckMeshError `FORBIDDEN`, `SEAL_KEY_INVALID`
 */
export async function registerProver(
  container: Container,
  offer: ProverOffer,
  caller: Caller,
): Promise<void> {
  const { store, clock, domain, wakes } = container
  checkProver(offer.proverId, caller)
  if (offer.sealKey) {
    await verifySealKey({
      domain,
      providerId: offer.proverId,
      signingKey: caller.signingKey,
      sealKey: offer.sealKey,
      nowSeconds: nowSeconds(clock),
    })
  }
  await store.upsertProver({ ...offer, signingKey: caller.signingKey, lastSeenAtMs: clock.nowMs() })
  wakes.ring('tasks')
}

/** @throws DuckMeshError `FORBIDDEN`, `NOT_REGISTERED` when it must register first */
export async function heartbeat(
  { store, clock }: Container,
  proverId: ProviderId,
  caller: Caller,
): Promise<void> {
  checkProver(proverId, caller)
  if (await store.touchProver(proverId, clock.nowMs())) return
  throw new DuckMeshError('NOT_REGISTERED', 'Register the prover first.', { proverId })
}

/**
 * The next task of a prover; waits for one when there is none.
 * @param waitMs longest wait
 * @returns null when there is none that could be begun
 */
export async function nextTask(
  container: Container,
  proverId: ProviderId,
  waitMs: number,
  signal: AbortSignal,
): Promise<AssignedTask | null> {
  const { clock, wakes } = container
  const deadlineMs = clock.nowMs() + waitMs
  for (;;) {
    // bells of other processes are not heard: so it is looked again every second
    const leftMs = Math.min(1_000, Math.max(0, deadlineMs - clock.nowMs()))
    const rung = wakes.wait(`prover:${proverId}`, leftMs, signal)
    const task = await takeNext(container, proverId)
    if (task || clock.nowMs() >= deadlineMs || signal.aborted) return task
    await rung
  }
}

/**
 * With everything that is needed, a task is then in progress. One that was handed out before is given again, so that a prover that
 * crashed goes on with it.
 */
async function takeNext(container: Container, proverId: ProviderId): Promise<AssignedTask | null> {
  const { store, clock, config } = container
  const ready = (await store.tasksOf(proverId)).filter(
    ({ privacyLevel, isSealed }) => privacyLevel === privacyLevels.open || isSealed,
  )
  // what is new comes first: what is in progress was handed out already
  const next = ready.find(({ state }) => state === 'assigned') ?? ready[0]
  const task = next && (await store.task(next.taskId))
  if (task?.proverId !== proverId) return null
  if (task.state === 'in_progress') return assigned(task, task.expiresAtMs ?? 0)
  const nowMs = clock.nowMs()
  const expiresAtMs = nowMs + config.PROOF_TIMEOUT_MS
  return (await store.startTask(task.taskId, task.attempt, expiresAtMs, nowMs))
    ? assigned(task, expiresAtMs)
    : null
}

const assigned = (task: TaskRecord, expiresAtMs: number): AssignedTask => {
  const { taskId, attempt, order, orderSignature, circuit, request, privacyLevel, inputs, sealed } = task
  return {
    taskId,
    attempt,
    order,
    orderSignature,
    circuit,
    request,
    privacyLevel,
    expiresAtMs,
    inputs,
    sealed,
  }
}

/** Every prover that registered, with load and reputation. */
export async function listProvers(container: Container): Promise<Provers> {
  const [sight, records] = await Promise.all([lookAtProvers(container), container.store.proverRecords()])
  return {
    provers: sight.provers.map(({ signingKey: _key, ...prover }) => ({
      ...prover,
      isOnline: prover.lastSeenAtMs >= sight.oldestSeenMs,
      activeTasks: sight.active.get(prover.proverId) ?? 0,
      proofs: records.get(prover.proverId)?.proofs ?? 0,
      failures: records.get(prover.proverId)?.failures ?? 0,
      reputationBps: sight.reputations.get(prover.proverId) ?? 0,
    })),
  }
}
