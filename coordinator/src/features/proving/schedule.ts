import { DuckMeshError, type ErrorCode, isDeclinedForGood, privacyLevels } from '@duckmesh/protocol'
import type { Container } from '../../container.ts'
import type { AttemptRecord, QueuedTask, TaskInTurn, TurnEnd } from '../../ports/taskStore.ts'
import { settleBy } from './admit.ts'
import { hasFreeSlot, holdAuction, isForGood, lookAtProvers, type ProverSight } from './auction.ts'
import { reportFalseClaims } from './report.ts'

/** Longest time between two looks at the store, ms; bells make it shorter. */
const SWEEP_MS = 500
/** Time between two looks at every task, and on chain for proofs that were paid, ms. */
const WHOLE_LOOK_MS = 2_000
/** Pending tasks that are read at once. */
const PAGE = 64

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
      const isWhole = clock.nowMs() - lookedAtMs >= WHOLE_LOOK_MS
      if (isWhole) lookedAtMs = clock.nowMs()
      await sweep(container, isWhole)
      await reportFalseClaims(container)
    } catch (thrown) {
      const error = DuckMeshError.from(thrown)
      logger.error({ code: error.code, err: error }, 'proof tasks were not driven')
    }
    await rung
  }
}

/**
 * One look at the tasks that are not over.
 * @param isWhole also at those for which there is no slot, and at what the chain says
 */
async function sweep(container: Container, isWhole: boolean): Promise<void> {
  const { store } = container
  let [underWay, pending] = await Promise.all([store.tasksUnderWay(), store.pendingTasks(PAGE)])
  if (underWay.length + pending.length === 0) return
  const sight = await lookAtProvers(container)
  for (const task of underWay) {
    if (isWhole && (await noticePaid(container, task))) continue
    await watchTurn(container, task, sight)
  }
  // free slots go to the first in the queue
  while (pending.length > 0 && (isWhole || hasFreeSlot(sight))) {
    for (const task of pending) {
      // nobody can have proved what nobody was given
      if (isWhole && task.attempt > 0 && (await noticePaid(container, task))) continue
      await place(container, task, sight)
    }
    pending = await store.pendingTasks(PAGE, pending.at(-1))
  }
}

/**
 * Completes a task whose proof was paid on chain: the prover may have died before it could say so.
 * @returns whether the task is over
 */
export async function noticePaid({ chain, store, clock }: Container, task: TaskInTurn): Promise<boolean> {
  const { requester, nonce } = task.order
  if (!(await chain.nonceUsed(requester, nonce))) return false
  const settled = await chain.settledProof(task.taskId, task.fromBlock)
  return settled ? store.completeTask(settled, clock.nowMs()) : false
}

async function place(container: Container, task: QueuedTask, sight: ProverSight): Promise<void> {
  const { store, clock, config, logger, wakes } = container
  const { taskId, order } = task
  const nowMs = clock.nowMs()
  if (settleBy(order) < sight.chainNow) {
    if (!(await noticePaid(container, task)))
      await store.failTask(taskId, 'no prover delivered in time', nowMs)
    return
  }
  const isNew = task.attempt === 0
  if (isNew && task.skipped.length > 0 && !hasFreeSlot(sight)) return
  const attempts = isNew ? [] : await store.attempts(taskId)
  const { winner, skipped } = holdAuction(task, attempts, sight, config.PROOF_PRICE_BPS)
  if (!winner) {
    if (JSON.stringify(skipped) !== JSON.stringify(task.skipped)) await store.noteSkipped(taskId, skipped)
    const failure = refusalByAll(attempts, skipped)
    if (failure && task.updatedAtMs + config.PROOF_GRACE_MS <= nowMs)
      await store.failTask(taskId, failure, nowMs)
    return
  }
  const { proverId, scoreBps } = winner
  const capacity = sight.provers.find((prover) => prover.proverId === proverId)?.capacity ?? 0
  const attempt = task.attempt + 1
  // an open task can be fetched at once; a sealed one waits for its buyer first
  const patienceMs =
    task.privacyLevel === privacyLevels.open ? config.PROOF_TIMEOUT_MS : config.PROOF_INPUT_TIMEOUT_MS
  const turn = { attempt, proverId, scoreBps, expiresAtMs: nowMs + patienceMs, capacity }
  if (!(await store.assignTask(taskId, turn, skipped, nowMs))) {
    sight.active.set(proverId, capacity) // another scheduler was faster: the next look sees what it did
    return
  }
  sight.active.set(proverId, (sight.active.get(proverId) ?? 0) + 1)
  logger.info({ taskId, proverId, attempt, scoreBps }, 'proof task assigned')
  wakes.ring(`prover:${proverId}`)
}

/**
 * Why a task need not wait for the end of its time: provers had their turn, refused for good, and nobody who is there could
 * take it later. Undefined while somebody could.
 */
function refusalByAll(attempts: AttemptRecord[], skipped: QueuedTask['skipped']): string | undefined {
  const refusals = attempts.filter((turn) => isForGood(turn) || turn.outcome === 'false-proof')
  const isOpen = skipped.some(({ reason }) => reason === 'AT_CAPACITY' || reason === 'NOT_NOW')
  if (refusals.length === 0 || isOpen) return undefined
  const told = refusals.map(({ proverId, outcome, code }) => `${proverId}: ${code ?? outcome}`)
  return `no prover is left (${told.join(', ')})`
}

/** Ends the turn of a prover that is away or slow. */
async function watchTurn(container: Container, task: QueuedTask, sight: ProverSight): Promise<void> {
  const nowMs = container.clock.nowMs()
  const prover = sight.provers.find(({ proverId }) => proverId === task.proverId)
  const isAway = !prover || prover.lastSeenAtMs < sight.oldestSeenMs
  const isLate = (task.expiresAtMs ?? 0) <= nowMs || settleBy(task.order) < sight.chainNow
  if (!isAway && !isLate) return
  // an open task that is not fetched is its prover's silence; a sealed one without inputs its buyer's
  const isBuyers =
    !isAway && task.state === 'assigned' && task.privacyLevel !== privacyLevels.open && !task.isSealed
  await endTurn(container, task, isBuyers ? 'no-input' : 'timeout')
}

/**
 * Ends a prover's turn: the task goes to the next one, or fails after the last try. A decline for good is no try: it comes
 * once from each prover. What was paid meanwhile is noticed
 * first, so that no paid task is given to anybody else.
 */
export async function endTurn(
  container: Container,
  task: TaskInTurn,
  outcome: TurnEnd['outcome'],
  code?: ErrorCode,
): Promise<void> {
  const { store, clock, config, logger, wakes } = container
  if (await noticePaid(container, task)) return
  const earlier = (await store.attempts(task.taskId)).filter(({ attempt }) => attempt < task.attempt)
  const tries = earlier.filter((turn) => !isForGood(turn)).length + 1
  const isLast = tries >= config.PROOF_TRIES && !(code && isDeclinedForGood(code))
  const why = { outcome, ...(code ? { code } : {}) }
  const end: TurnEnd = isLast
    ? { ...why, to: 'failed', failure: `${tries} turns without a proof` }
    : { ...why, to: 'pending' }
  if (!(await store.endTurn(task.taskId, task.attempt, end, clock.nowMs()))) return
  logger.warn(
    { taskId: task.taskId, proverId: task.proverId, outcome, code, to: end.to },
    'turn of a prover ended',
  )
  wakes.ring('tasks')
}
