import type {
  Announce,
  InferenceRequest,
  InferenceResult,
  JobEvent,
  JobEventType,
  JobId,
  JobState,
  Order,
  Outcome,
  ProviderId,
  SignedAssignment,
  SignedReceipt,
  Skipped,
} from '@duckmesh/protocol'
import type { Hex } from 'viem'
import type { EvidenceStore } from './evidenceStore.ts'
import type { Funds, Kept } from './funds.ts'
import type { TaskStore } from './taskStore.ts'

/** A job as stored. */
export type JobRecord = {
  jobId: JobId
  state: JobState
  round: number
  order: Order
  /** `0x` for an order that was posted on chain. */
  orderSignature: Hex
  request: InferenceRequest
  createdAtMs: number
  updatedAtMs: number
  /** Block from which on the events of the job count: chain head when the order came, or that of the disputed result. */
  fromBlock: bigint
  outcome: Outcome | null
  skipped: Skipped[]
}

/** One seat of one round: first assigned, then committed, then opened. In between it may have revealed. */
export type SeatRecord = {
  jobId: JobId
  round: number
  providerId: ProviderId
  stage: 'assigned' | 'committed' | 'opened' | 'excused'
  assignedAtMs: number
  commitment: Hex | null
  commitSignature: Hex | null
  /** When it first committed; before `assignedAtMs` when it was asked again, to sign for a later assignment. */
  committedAtMs: number | null
  /** Its SeatReveal for the latest assignment: salt and output hash are known since then. */
  revealSignature: Hex | null
  salt: Hex | null
  outputHash: Hex | null
  result: InferenceResult | null
  receipt: SignedReceipt | null
  openedAtMs: number | null
}

export type NodeRecord = Announce & { lastSeenAtMs: number }

/** Facts that go into one event. */
export type NewEvent = { type: JobEventType; data: Record<string, unknown> }

/** A change of a job that happens whole or not at all, and only from the expected state. */
export type JobStep = {
  jobId: JobId
  from: { state: JobState; round: number }
  to: { state: JobState; round: number }
  outcome?: Outcome
  skipped?: Skipped[]
  /** Newly signed seating; its seats are added as assigned and all others of the round excused. */
  seating?: SignedAssignment
  /** Seats become workable again, for the node's next poll. */
  wakesSeats?: boolean
  events: NewEvent[]
}

/** Parts of the store with files of their own. */
type FurtherStores = TaskStore & EvidenceStore

/** Durable state of the coordinator. Whoever holds the same store can go on with every job. */
export type Store = FurtherStores & {
  /** @param funds of the requester, unless the price is in escrow on chain */
  createJob(job: JobRecord, event: NewEvent, funds?: Funds): Promise<Kept>
  job(jobId: JobId): Promise<JobRecord | undefined>
  /** @returns false when the job had moved on meanwhile */
  applyStep(step: JobStep, nowMs: number): Promise<boolean>
  appendEvent(jobId: JobId, event: NewEvent, nowMs: number): Promise<void>
  events(jobId: JobId, afterSeq: number): Promise<JobEvent[]>

  seatings(jobId: JobId): Promise<SignedAssignment[]>
  seats(jobId: JobId): Promise<SeatRecord[]>
  /**
   * Records a commitment once, together with its event.
   * @returns the commitment that stands, old or new; undefined when the seat was excused
   */
  commitSeat(
    seat: { jobId: JobId; round: number; providerId: ProviderId; commitment: Hex; signature: Hex },
    event: NewEvent,
    nowMs: number,
  ): Promise<Hex | undefined>
  /**
   * Records a reveal once, together with its event, while job and seat are committed.
   * @returns whether one is recorded now, this or an earlier one
   */
  revealSeat(
    seat: {
      jobId: JobId
      round: number
      providerId: ProviderId
      salt: Hex
      outputHash: Hex
      signature: Hex
    },
    event: NewEvent,
    nowMs: number,
  ): Promise<boolean>
  openSeat(
    seat: {
      jobId: JobId
      round: number
      providerId: ProviderId
      salt: Hex
      outputHash: Hex
      result: InferenceResult
      receipt: SignedReceipt
    },
    nowMs: number,
  ): Promise<boolean>
  /**
   * Seats of a provider that wait for it, with a work number above the cursor.
   * @param settledSinceMs how far back jobs count that were paid at once and wait for results, unix ms
   */
  workOf(
    providerId: ProviderId,
    after: number,
    settledSinceMs: number,
  ): Promise<{ seat: SeatRecord; workSeq: number }[]>
  activeSeats(): Promise<Map<ProviderId, number>>

  upsertNode(node: NodeRecord): Promise<void>
  nodes(): Promise<NodeRecord[]>

  addTransaction(jobId: JobId, kind: string, hash: Hex, nowMs: number): Promise<void>
  transactions(jobId: JobId): Promise<{ kind: string; hash: Hex }[]>

  /** Says when a job wants attention next; the earliest wish stands. */
  wakeAt(jobId: JobId, atMs: number): Promise<void>
  /** Takes due jobs and holds them until `leaseUntilMs`, so that two processes never work on one at a time. */
  takeDue(nowMs: number, leaseUntilMs: number, limit: number): Promise<JobId[]>
  /** Gives a taken job back; it is due again at `nextDueMs`, or sooner if somebody asked meanwhile. */
  releaseLease(jobId: JobId, nextDueMs: number): Promise<void>
  /** Ends all leases: right only where this process is the only one. */
  releaseAll(nowMs: number): Promise<void>

  countByState(): Promise<Record<string, number>>
  /** Times of the latest events, for stage statistics. */
  recentEvents(limitJobs: number): Promise<{ jobId: JobId; type: JobEventType; atMs: number }[]>
  ping(): Promise<void>
  close(): Promise<void>
  /** Whether no other process can hold this store. */
  isExclusive: boolean
}
