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
export type Stage = (typeof stages)[number]

/** Told at each stage and awaited; for telemetry, and to stop a process at an exact point. */
export type Observe = (stage: Stage, facts: { jobId: JobId; round: number }) => void | Promise<void>
