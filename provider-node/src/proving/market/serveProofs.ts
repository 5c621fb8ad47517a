import { type AssignedTask, DuckMeshError } from '@duckmesh/protocol'
import { backoffMs } from '../../loop/backoff.ts'
import type { LoopContext } from '../../loop/context.ts'
import type { Tasks } from '../../loop/tasks.ts'
import { checkTask } from './checkTask.ts'
import { makeProof } from './makeProof.ts'
import { proverOffer, type ServedCircuit, servedCircuits } from './offer.ts'
import type { Proving } from './proving.ts'
import { finishProof } from './settleProof.ts'
import { Slots } from './slots.ts'

/** How long a question for work may wait at the coordinator, ms. */
const WAIT_MS = 1_000
/** Least time between two questions that brought nothing new, and between two signs of life while no slot is free, ms. */
const POLL_MS = 500

/**
 * Serves the proof market until the node stops: goes on with proofs of an earlier process, registers, asks for tasks.
 */
export async function serveProofs(proving: Proving, context: LoopContext, tasks: Tasks): Promise<void> {
  const { clock, logger, random, signal } = context
  for (const row of proving.journal.open()) {
    tasks.start(`proof:${row.taskId}`, () => finishProof(row, proving.journal, context))
  }
  let circuits: ServedCircuit[]
  try {
    circuits = await servedCircuits(context, proving)
  } catch (thrown) {
    if (!signal.aborted) logger.error({ err: thrown }, 'no proofs are served: the circuits are not ready')
    return
  }
  logger.info({ circuits: circuits.map(({ name }) => name), engine: proving.prover.reason }, 'serving proofs')
  const slots = new Slots(context.config.PROVER_SLOTS)
  let registeredAtMs: number | undefined
  let failures = 0
  while (!signal.aborted) {
    try {
      if (!context.coordinatorAddress()) {
        await clock.sleep(100, signal)
        continue
      }
      registeredAtMs = await stayKnown(proving, circuits, context, registeredAtMs)
      const nextAtMs = clock.nowMs() + POLL_MS
      const isNew = slots.isFree && (await takeTask(circuits, proving, context, tasks, slots))
      failures = 0
      const restMs = nextAtMs - clock.nowMs()
      if (!isNew && restMs > 0) await Promise.race([clock.sleep(restMs, signal), slots.freed()])
    } catch (thrown) {
      if (signal.aborted) return
      if (DuckMeshError.from(thrown).code === 'NOT_REGISTERED') registeredAtMs = undefined
      failures++
      logger.debug({ err: thrown, failures }, 'no proof tasks now')
      await clock.sleep(backoffMs(failures, random.fraction()), signal)
    }
  }
}

/** Asks for a task and begins it. @returns whether there was one that is not under way yet */
async function takeTask(
  circuits: ServedCircuit[],
  proving: Proving,
  context: LoopContext,
  tasks: Tasks,
  slots: Slots,
): Promise<boolean> {
  const { coordinator, providerId, signal } = context
  const task = await coordinator.assignTask(providerId, WAIT_MS, signal)
  if (!task) return false
  const serve = () => serveTask(task, circuits, proving, context)
  return tasks.start(`proof:${task.taskId}`, () => slots.hold(serve))
}

/** How long an offer stands before it is said again: seal keys change. */
const REGISTER_MS = 600_000

async function stayKnown(
  proving: Proving,
  circuits: ServedCircuit[],
  context: LoopContext,
  registeredAtMs: number | undefined,
): Promise<number> {
  const { clock, coordinator, providerId } = context
  if (registeredAtMs !== undefined && clock.nowMs() - registeredAtMs < REGISTER_MS) {
    await coordinator.proverHeartbeat(providerId)
    return registeredAtMs
  }
  await coordinator.registerProver(await proverOffer(context, proving, circuits))
  return clock.nowMs()
}

/** Checks, proves, keeps, is paid, delivers. What cannot be proved is given back. */
async function serveTask(
  task: AssignedTask,
  circuits: ServedCircuit[],
  proving: Proving,
  context: LoopContext,
): Promise<void> {
  const { chain, coordinator, logger, signal } = context
  const { taskId, attempt } = task
  const { journal } = proving
  try {
    let row = journal.find(taskId)
    if (!row) {
      const served = await checkTask(task, circuits, context)
      const { number: fromBlock } = await chain.head()
      await context.observeProof('proof-begun', { taskId })
      const made = await makeProof(task, served, proving, context)
      const { order, orderSignature } = task
      row = journal.keep({ taskId, order, orderSignature, ...made, fromBlock })
      logger.info({ taskId, circuit: task.circuit }, 'proof made')
    }
    await finishProof(row, journal, context)
    // lost to the verifier; one that was lost to another prover or to the clock is over anyway
    if (journal.find(taskId)?.state === 'lost')
      await coordinator.declineTask(taskId, { attempt, code: 'PROOF_REFUSED' })
  } catch (thrown) {
    if (signal.aborted) return
    const error = DuckMeshError.from(thrown)
    logger.warn({ taskId, err: error }, 'proof task given back')
    if (error.code === 'CHAIN_UNAVAILABLE') return // it is handed out again
    await coordinator.declineTask(taskId, { attempt, code: error.code }).catch((failure: unknown) => {
      logger.debug({ taskId, err: failure }, 'the coordinator was not told; its own clock tells it')
    })
  }
}
