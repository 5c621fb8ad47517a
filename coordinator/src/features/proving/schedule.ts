import { DuckMeshError, privacyLevels } from '@duckmesh/protocol'
import type { Container } from '../../container.ts'
import type { TaskRecord, TurnEnd } from '../../ports/taskStore.ts'
import { settleBy } from './admit.ts'
import { holdAuction, lookAtProvers, type ProverSight } from './auction.ts'
import { reportFalseClaims } from './report.ts'

/** Longest time between two looks at the store, ms; bells make it shorter. */
const SWEEP_MS = 500
/** Time between two looks at the chain for proofs that were paid, ms. */
const CHAIN_LOOK_MS = 2_000
/** Tasks in one look. */
const MOST_TASKS = 1_000

/**
 * Drives proof tasks until the signal aborts: gives them to provers, takes them back from silent ones, notices on chain
 * what was paid, and reports false claims. Each step is one change of the store that happens only from the state that it
 * was decided on, so a crash or a second process undoes and doubles nothing.
 */
export async function driveTasks(container: Container, signal: AbortSignal): Promise<void> {
  const { clock, logger, wakes } = container
  let lookedAtMs = 0
  while (!signal.aborted) {
    const rung = wakes.wait('tasks', SWEEP_MS, signal)
    try {
      const isLook = clock.nowMs() - lookedAtMs >= CHAIN_LOOK_MS
      if (isLook) lookedAtMs = clock.nowMs()
      await sweep(container, isLook)
      await reportFalseClaims(container)
    } catch (thrown) {
      const error = DuckMeshError.from(thrown)
      logger.error({ code: error.code, err: error }, 'proof tasks were not driven')
    }
    await rung
  }
}

/** One look at all tasks that are not over. */
async function sweep(container: Container, isLook: boolean): Promise<void> {
  const tasks = await container.store.openTasks(MOST_TASKS)
  if (tasks.length === 0) return
  const sight = await lookAtProvers(container)
  // the store orders by priority, then age: capacity goes to the first
  for (const task of tasks) {
    if (isLook && (await noticePaid(container, task))) continue
    if (task.state === 'pending') await place(container, task, sight)
    else await watchTurn(container, task, sight)
  }
}

/**
 * Completes a task whose proof was paid on chain: the prover may have died before it could say so.
 * @returns whether the task is over
 */
export async function noticePaid({ chain, store, clock }: Container, task: TaskRecord): Promise<boolean> {
  const { requester, nonce } = task.order
  if (!(await chain.nonceUsed(requester, nonce))) return false
  const settled = await chain.settledProof(task.taskId, task.fromBlock)
  return settled ? store.completeTask(settled, clock.nowMs()) : false
}

async function place(container: Container, task: TaskRecord, sight: ProverSight): Promise<void> {
  const { store, clock, config, logger, wakes } = container
  const { taskId, order } = task
  const nowMs = clock.nowMs()
  if (settleBy(order) < sight.chainNow) {
    if (!(await noticePaid(container, task)))
      await store.failTask(taskId, 'no prover delivered in time', nowMs)
    return
  }
  const { winner, skipped } = holdAuction(task, await store.attempts(taskId), sight, config.PROOF_PRICE_BPS)
  if (!winner) {
    if (JSON.stringify(skipped) !== JSON.stringify(task.skipped)) await store.noteSkipped(taskId, skipped)
    return
  }
  const { proverId, scoreBps } = winner
  const attempt = task.attempt + 1
  // an open task can be fetched at once; a sealed one waits for its buyer first
  const patienceMs =
    task.privacyLevel === privacyLevels.open ? config.PROOF_TIMEOUT_MS : config.PROOF_INPUT_TIMEOUT_MS
  const turn = { attempt, proverId, scoreBps, expiresAtMs: nowMs + patienceMs }
  if (!(await store.assignTask(taskId, turn, skipped, nowMs))) return
  sight.active.set(proverId, (sight.active.get(proverId) ?? 0) + 1)
  logger.info({ taskId, proverId, attempt, scoreBps }, 'proof task assigned')
  wakes.ring(`prover:${proverId}`)
}

/** Ends the turn of a prover that is away or slow. */
async function watchTurn(container: Container, task: TaskRecord, sight: ProverSight): Promise<void> {
  const nowMs = container.clock.nowMs()
  const prover = sight.provers.find(({ proverId }) => proverId === task.proverId)
  const isAway = !prover || prover.lastSeenAtMs < sight.oldestSeenMs
  const isLate = (task.expiresAtMs ?? 0) <= nowMs || settleBy(task.order) < sight.chainNow
  if (!isAway && !isLate) return
  // an open task that is not fetched is its prover's silence; a sealed one without inputs its buyer's
  const isBuyers =
    !isAway && task.state === 'assigned' && task.privacyLevel !== privacyLevels.open && !task.sealed
  await endTurn(container, task, isBuyers ? 'no-input' : 'timeout')
}

/**
 * Ends a prover's turn: the task goes to the next one, or fails after the last try. What was paid meanwhile is noticed
 * first, so that no paid task is given to anybody else.
 */
export async function endTurn(
  container: Container,
  task: TaskRecord,
  outcome: TurnEnd['outcome'],
): Promise<void> {
  const { store, clock, config, logger, wakes } = container
  if (await noticePaid(container, task)) return
  const isLast = task.attempt >= config.PROOF_TRIES
  const end: TurnEnd = isLast
    ? { outcome, to: 'failed', failure: `${task.attempt} turns without a proof` }
    : { outcome, to: 'pending' }
  if (!(await store.endTurn(task.taskId, task.attempt, end, clock.nowMs()))) return
  logger.warn({ taskId: task.taskId, proverId: task.proverId, outcome, to: end.to }, 'turn of a prover ended')
  wakes.ring('tasks')
}
