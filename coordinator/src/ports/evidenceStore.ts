import type {
  EvidenceBatch,
  EvidenceItem,
  ExecutionEvidence,
  JobId,
  Outcome,
  ProviderId,
  SignedReceipt,
  SlaEvidence,
} from '@duckmesh/protocol'
import type { Hex } from 'viem'

/** A batch as stored. It is sealed: neither its items nor their order ever change. */
export type BatchRecord = {
  /** Place in the sequence of this coordinator's anchors. */
  sequence: number
  batch: EvidenceBatch
  /** Whether the chain was seen to have it. */
  isAnchored: boolean
  /** Transaction that was last sent for it. */
  transaction: Hex | null
}

/** A piece of evidence with its hash. */
export type NewEvidence = { hash: Hex; item: EvidenceItem }

/** A piece of evidence as stored. */
export type EvidenceRecord<Item extends EvidenceItem = EvidenceItem> = {
  hash: Hex
  item: Item
  /** Where it was sealed, with its way to the root; null while it waits. */
  place: { sequence: number; index: number; path: Hex[] } | null
}

/** A receipt of a seat of a job that has ended, and that nobody has looked at since. */
export type UnfiledSeat = {
  jobId: JobId
  round: number
  providerId: ProviderId
  receipt: SignedReceipt
  outcome: Outcome | null
}

/** How one seat answered. */
export type SeatAnswer = { jobId: JobId; latencyMs: number | null }

/** What the coordinator keeps as evidence, and in which batch it was sealed. */
export type EvidenceStore = {
  /** Keeps evidence; of a provider's word about one job the first stands. @returns how many were new */
  addEvidence(records: NewEvidence[], nowMs: number): Promise<number>
  /** Evidence of a job, executions first. */
  evidenceOf(jobId: JobId): Promise<EvidenceRecord[]>
  execution(jobId: JobId, providerId: ProviderId): Promise<ExecutionEvidence | undefined>
  /** Latest windows of a provider, latest first. */
  slaOf(providerId: ProviderId, limit: number): Promise<EvidenceRecord<SlaEvidence>[]>
  /** Statements of a provider that wait for a batch. */
  countPending(providerId: ProviderId): Promise<number>

  unfiledSeats(limit: number): Promise<UnfiledSeat[]>
  /** Notes that seats were looked at, together with the evidence that they gave. */
  fileSeats(
    seats: Pick<UnfiledSeat, 'jobId' | 'round' | 'providerId'>[],
    records: NewEvidence[],
    nowMs: number,
  ): Promise<void>
  /**
   * How seats of a provider answered that committed in a time, or that were taken away unanswered then.
   * @param fromMs after this, unix ms
   * @param untilMs no later than this
   * @param patienceMs time after which a seat counts as unanswered
   */
  answersOf(
    providerId: ProviderId,
    fromMs: number,
    untilMs: number,
    patienceMs: number,
    limit: number,
  ): Promise<SeatAnswer[]>

  /**
   * Seals what waits, oldest first, as one batch: whole or not at all.
   * @param make gives the batch of some leaves, and the way of each to the root
   * @returns undefined when nothing waits, or the sequence number is taken
   */
  sealBatch(
    sequence: number,
    limit: number,
    make: (leaves: NewEvidence[]) => { batch: EvidenceBatch; paths: Hex[][] },
  ): Promise<BatchRecord | undefined>
  /** Takes a batch apart that can never be anchored; its items wait again. */
  unsealBatch(sequence: number): Promise<void>
  batchAt(sequence: number): Promise<BatchRecord | undefined>
  /** Batches that the chain was not seen to have, oldest first. */
  openBatches(): Promise<BatchRecord[]>
  /** Latest first. */
  batches(limit: number): Promise<BatchRecord[]>
  itemsOf(sequence: number): Promise<EvidenceItem[]>
  noteTransaction(sequence: number, transaction: Hex): Promise<void>
  markAnchored(sequence: number): Promise<void>
}
