import type {
  AttemptOutcome,
  JobId,
  Order,
  PrivacyLevel,
  ProofClaim,
  ProverOffer,
  ProverRecord,
  ProverSkip,
  ProviderId,
  Sealed,
  TaskResult,
  TaskState,
} from '@duckmesh/protocol'
import type { Address, Hex } from 'viem'

/** A prover that was passed over. */
export type SkippedProver = { proverId: ProviderId; reason: ProverSkip; fix: string }

/** A proof task as stored. */
export type TaskRecord = {
  taskId: JobId
  state: TaskState
  order: Order
  orderSignature: Hex
  circuit: string
  request: bigint[]
  privacyLevel: PrivacyLevel
  priority: number
  needsGpu: boolean
  /** Open inputs of level 1. */
  inputs: Record<string, unknown> | null
  /** Sealed inputs, for the prover of the current attempt. */
  sealed: Sealed | null
  proverId: ProviderId | null
  /** Current attempt, from 1; 0 before the first. */
  attempt: number
  /** When the current attempt ends, unix ms. */
  expiresAtMs: number | null
  skipped: SkippedProver[]
  result: TaskResult | null
  failure: string | null
  /** Head of the chain when the order came. */
  fromBlock: bigint
  createdAtMs: number
  updatedAtMs: number
}

/** One prover's turn at a task. */
export type AttemptRecord = {
  taskId: JobId
  attempt: number
  proverId: ProviderId
  scoreBps: number
  outcome: AttemptOutcome | null
  startedAtMs: number
  endedAtMs: number | null
}

/** A signed claim about a proof that does not hold. */
export type FalseClaim = { claim: ProofClaim; signature: Hex; proof: Hex }

/** A prover as it registered; a key that was burnt or rotated since then speaks for nobody. */
export type ProverRow = ProverOffer & { signingKey: Address; lastSeenAtMs: number }

/** How a turn ends, and where the task goes then. */
export type TurnEnd = { outcome: AttemptOutcome; to: 'pending' | 'failed'; failure?: string }

/**
 * Durable state of the proof market. Every change of a task happens whole and only from the expected state, so that two
 * processes on one store do nothing twice.
 */
export type TaskStore = {
  createTask(task: TaskRecord): Promise<'created' | 'exists'>
  task(taskId: JobId): Promise<TaskRecord | undefined>
  /** Tasks that are not over: larger priority first, then the older. */
  openTasks(limit: number): Promise<TaskRecord[]>
  openTasksOf(requester: string): Promise<{ taskId: JobId; nonce: bigint; priceWei: bigint }[]>
  /** Tasks of a prover that are not over, the oldest first. */
  tasksOf(proverId: ProviderId): Promise<TaskRecord[]>
  noteSkipped(taskId: JobId, skipped: SkippedProver[]): Promise<void>
  /** Pending → assigned, with the attempt. @returns false when the task had moved on */
  assignTask(
    taskId: JobId,
    turn: { attempt: number; proverId: ProviderId; scoreBps: number; expiresAtMs: number },
    skipped: SkippedProver[],
    nowMs: number,
  ): Promise<boolean>
  /** Assigned → in_progress; its time begins. */
  startTask(taskId: JobId, attempt: number, expiresAtMs: number, nowMs: number): Promise<boolean>
  sealInput(taskId: JobId, attempt: number, sealed: Sealed): Promise<boolean>
  /** Ends the turn of a task that is assigned or in progress. */
  endTurn(taskId: JobId, attempt: number, end: TurnEnd, nowMs: number): Promise<boolean>
  /** Pending → failed. */
  failTask(taskId: JobId, failure: string, nowMs: number): Promise<boolean>
  /** → completed from any state that is not over, whoever proved it. */
  completeTask(result: TaskResult, nowMs: number): Promise<boolean>
  attempts(taskId: JobId): Promise<AttemptRecord[]>
  /** Keeps a false claim until it was brought to the chain; the first of an attempt stays. */
  keepFalseClaim(taskId: JobId, attempt: number, claim: FalseClaim): Promise<void>
  unreportedClaims(): Promise<{ taskId: JobId; attempt: number; order: Order; claim: FalseClaim }[]>
  markReported(taskId: JobId, attempt: number): Promise<void>
  upsertProver(prover: ProverRow): Promise<void>
  /** @returns false for a prover that never registered */
  touchProver(proverId: ProviderId, nowMs: number): Promise<boolean>
  provers(): Promise<ProverRow[]>
  /** Past turns by prover. */
  proverRecords(): Promise<Map<ProviderId, ProverRecord>>
  /** Tasks under way by prover. */
  activeTasks(): Promise<Map<ProviderId, number>>
}
