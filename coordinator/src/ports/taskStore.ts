import type {
  AttemptOutcome,
  ErrorCode,
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
import type { Funds, Kept, TaskBounds } from './funds.ts'

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

/** A proof task without what may be large, for whoever looks at many. */
export type QueuedTask = Omit<TaskRecord, 'inputs' | 'sealed' | 'result'> & {
  /** Whether sealed inputs for the current attempt are there. */
  isSealed: boolean
}

/** What the end of a turn must know of its task. */
export type TaskInTurn = Pick<TaskRecord, 'taskId' | 'order' | 'attempt' | 'proverId' | 'fromBlock'>

/** One prover's turn at a task. */
export type AttemptRecord = {
  taskId: JobId
  attempt: number
  proverId: ProviderId
  scoreBps: number
  outcome: AttemptOutcome | null
  /** Why it was declined. */
  code: ErrorCode | null
  startedAtMs: number
  endedAtMs: number | null
}

/** A signed claim about a proof that does not hold. */
export type FalseClaim = { claim: ProofClaim; signature: Hex; proof: Hex }

/** A prover as it registered; a key that was burnt or rotated since then speaks for nobody. */
export type ProverRow = ProverOffer & { signingKey: Address; lastSeenAtMs: number }

/** How a turn ends, and where the task goes then. */
export type TurnEnd = {
  outcome: AttemptOutcome
  /** Of a decline. */
  code?: ErrorCode
  to: 'pending' | 'failed'
  failure?: string
}

/**
 * Durable state of the proof market. Every change of a task happens whole and only from the expected state, so that two
 * processes on one store do nothing twice.
 */
export type TaskStore = {
  createTask(task: TaskRecord, funds: Funds, bounds: TaskBounds): Promise<Kept>
  task(taskId: JobId): Promise<TaskRecord | undefined>
  /**
   * Pending tasks by age, of which each point of priority counts as a second.
   * @param after where to go on
   */
  pendingTasks(limit: number, after?: QueuedTask): Promise<QueuedTask[]>
  /** Tasks that are with a prover. */
  tasksUnderWay(): Promise<QueuedTask[]>
  /** Tasks of a prover that are not over, the oldest first. */
  tasksOf(proverId: ProviderId): Promise<QueuedTask[]>
  noteSkipped(taskId: JobId, skipped: SkippedProver[]): Promise<void>
  /**
   * Pending → assigned, with the attempt.
   * @param turn `capacity`: most tasks that the prover may have under way then
   * @returns false when the task had moved on, or the prover has no free slot
   */
  assignTask(
    taskId: JobId,
    turn: {
      attempt: number
      proverId: ProviderId
      scoreBps: number
      expiresAtMs: number
      capacity: number
    },
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
