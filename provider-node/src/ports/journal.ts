import type {
  Assignment,
  InferenceRequest,
  InferenceResult,
  JobId,
  Order,
  ProviderId,
  SignedReceipt,
} from '@duckmesh/protocol'
import type { Hex } from 'viem'

/** An assignment with the coordinator's signature. */
export type SeatAssignment = { assignment: Assignment; signature: Hex }

/** Where the node's own part of a job is. */
export const rowStates = ['received', 'promised', 'final', 'abandoned'] as const
/** `received` work to run · `promised` result on disk, owed · `final` ended on chain · `abandoned` never promised. */
export type RowState = (typeof rowStates)[number]

/** What the node stands by. Written once, never changed. */
export type Promised = {
  result: InferenceResult
  outputHash: Hex
  promptTokens: number
  /** Unix seconds. */
  startedAt: number
  /** Unix seconds. */
  finishedAt: number
  /** Redundant lane only. */
  seat: { salt: Hex; commitment: Hex } | null
}

/**
 * The one reveal of a round: what this node said, and what others had signed when it said so. The signatures prove an
 * equivocation should another commitment of theirs come to light.
 */
export type Reveal = {
  /** Hash of seats and commitments below, which the reveal names. */
  seatsDigest: Hex
  /** SeatReveal of this node. */
  signature: Hex
  /** In seat order, this node's own included. */
  seats: ProviderId[]
  commitments: Hex[]
  /** SeatCommit signatures, checked before the reveal was signed. */
  commitSignatures: Hex[]
}

/** How a job ended for this node. Amounts are DUCK wei. */
export type RowOutcome = {
  /** `unpaid`: no majority, nobody knows who was right. `expired`: never bound on chain. */
  kind: 'paid' | 'slashed' | 'unpaid' | 'refunded' | 'expired'
  earnedWei: bigint
  lostWei: bigint
  /** Why the bond was lost. */
  slashReason: string | null
  /** Whether this node's output hash became public on chain. */
  isOpened: boolean
}

/** One job in one round. */
export type Row = {
  jobId: JobId
  round: number
  lane: 'redundant' | 'direct'
  state: RowState
  order: Order
  orderSignature: Hex
  request: InferenceRequest
  /** Null in the on-chain lane. */
  assignment: SeatAssignment | null
  /** Block in which the work was first seen: where the search for its events begins. */
  seenBlock: bigint
  promised: Promised | null
  /** Hashes of the assignments of this round under which a SeatCommit was signed, oldest first. */
  committedUnder: Hex[]
  /** Made at most once, under the only assignment in `committedUnder`. */
  reveal: Reveal | null
  receipt: SignedReceipt | null
  outcome: RowOutcome | null
  /** Code of the error for which the work was abandoned. */
  errorCode: string | null
  receivedAtMs: number
  commitAcceptedAtMs: number | null
  /** When the chain first showed that the bond is locked. */
  boundSeenAtMs: number | null
  openingAcceptedAtMs: number | null
}

/** What is needed to open a row. */
export type NewRow = Pick<
  Row,
  | 'jobId'
  | 'round'
  | 'lane'
  | 'order'
  | 'orderSignature'
  | 'request'
  | 'assignment'
  | 'seenBlock'
  | 'receivedAtMs'
>

/** Times of a row that are noted as they happen. */
export type RowTime = 'commitAcceptedAtMs' | 'boundSeenAtMs' | 'openingAcceptedAtMs'

/**
 * The node's memory: what it owes survives any crash. Every method is one transaction that is on disk when it
 * returns. A promise, a reveal and a receipt are written once for a job and round; a second one is not taken and the
 * first one is given back, so that the node never signs two different statements.
 */
export type Journal = {
  /** Opens a row, or gives the one that is there. */
  receive(row: NewRow): Row
  find(jobId: JobId, round: number): Row | undefined
  /** The row of the latest round. */
  findLatest(jobId: JobId): Row | undefined
  /** Rows in any of the states, oldest first. */
  list(states: readonly RowState[]): Row[]
  /**
   * Keeps a later assignment of the same round.
   * @throws DuckMeshError `ALREADY_REVEALED` when the node has revealed under the one it holds
   */
  reassign(jobId: JobId, round: number, assignment: SeatAssignment): void
  /**
   * Notes under which assignment a SeatCommit is about to be signed.
   * @throws DuckMeshError `ALREADY_REVEALED` when the node has revealed under another one
   */
  commitUnder(jobId: JobId, round: number, assignmentHash: Hex): void
  /**
   * Keeps the reveal, if the node has committed under this assignment of the round and no other.
   * @returns the reveal that stands
   * @throws DuckMeshError `WRONG_STAGE` when there is none and none may be made
   */
  reveal(jobId: JobId, round: number, assignmentHash: Hex, reveal: Reveal): Reveal
  /** @returns the promise that stands */
  promise(jobId: JobId, round: number, promised: Promised): Promised
  /** @returns the receipt that stands */
  signReceipt(jobId: JobId, round: number, receipt: SignedReceipt): SignedReceipt
  /** Notes the first time at which something happened. */
  note(jobId: JobId, round: number, what: RowTime, atMs: number): void
  /** Gives up work for which nothing was promised. */
  abandon(jobId: JobId, round: number, errorCode: string): void
  finish(jobId: JobId, round: number, outcome: RowOutcome, atMs: number): void
  /** Remembers a fact at first sight. @returns the value that stands */
  pin(name: string, value: string): string
  pinned(name: string): string | undefined
  close(): void
}
