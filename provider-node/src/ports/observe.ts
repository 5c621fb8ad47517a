import type { JobId } from '@duckmesh/protocol'

/**
 * Points in the life of a job at which the node tells its observer where it is, in order:
 * - `work-received` the work passed every check and is about to be journalled;
 * - `run-started`, `run-done` around the engine; nothing of the result is stored yet;
 * - `promised` result, salt, commitment and signature are on disk; nothing has left the process;
 * - `commit-sent` the coordinator has the commitment;
 * - `revealed` the reveal is signed and on disk; nothing of it has left the process;
 * - `reveal-sent` the coordinator has the reveal: a hash, not the result;
 * - `open-verified` the chain shows the anchor or the payment; the result is still here alone;
 * - `opening-sent` the coordinator has the opening;
 * - `accepted`, `submitted` the transactions of the on-chain lane are mined;
 * - `finalized` the end of the job is known from the chain and on disk.
 */
export const stages = [
  'work-received',
  'run-started',
  'run-done',
  'promised',
  'commit-sent',
  'revealed',
  'reveal-sent',
  'open-verified',
  'opening-sent',
  'accepted',
  'submitted',
  'finalized',
] as const

/**
 * Points in the life of a proof task:
 * - `proof-begun` the task passed every check; nothing is made yet;
 * - `proof-settling` the proof is on disk and the verifier on chain takes it; it was not sent;
 * - `proof-sent` the transaction that pays it is mined; nobody was shown the proof.
 */
export const proofStages = ['proof-begun', 'proof-settling', 'proof-sent'] as const
export type ProofStage = (typeof proofStages)[number]
export type Stage = (typeof stages)[number]

/** Told at each stage and awaited; for telemetry, and to stop a process at an exact point. */
export type Observe = (stage: Stage, facts: { jobId: JobId; round: number }) => void | Promise<void>

/**
 * The same for the streaming lane. The id is that of the stream; of a claim it is its first channel:
 * - `stream-checked` a stream passed every check and is about to be written;
 * - `stream-begun` stream and voucher are on disk; nothing of the answer exists;
 * - `chunk-stored` a chunk and its price are on disk and about to be sent;
 * - `chunk-given` the client has it;
 * - `checkpoint-signed` a checkpoint is about to be sent;
 * - `pay-asked` the client is about to be asked for a larger voucher;
 * - `voucher-kept` a larger voucher is on disk; its sender does not know yet;
 * - `receipt-signed` the receipt is signed and nowhere yet;
 * - `stream-ended` the receipt is on disk, safe from a power cut, and about to be sent;
 * - `end-given` the client has it;
 * - `claim-planned` a claim is about to be sent; `claim-sent` it was, and nothing of it is written;
 * - `claim-seen` the chain was read afterwards, and the ledger knows.
 */
export const streamStages = [
  'stream-checked',
  'stream-begun',
  'chunk-stored',
  'chunk-given',
  'checkpoint-signed',
  'pay-asked',
  'voucher-kept',
  'receipt-signed',
  'stream-ended',
  'end-given',
  'claim-planned',
  'claim-sent',
  'claim-seen',
] as const
export type StreamStage = (typeof streamStages)[number]

/** Told at each stage of the streaming lane and awaited. */
export type ObserveStream = (stage: StreamStage, facts: { id: JobId }) => void | Promise<void>

/** The same for proof tasks. */
export type ObserveProof = (stage: ProofStage, facts: { taskId: JobId }) => void | Promise<void>
