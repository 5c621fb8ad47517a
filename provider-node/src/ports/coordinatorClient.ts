import type {
  Announce,
  AssignedTask,
  CommitmentBody,
  CoordinatorInfo,
  JobId,
  JobStatus,
  OpeningBody,
  ProofResultBody,
  ProofVerdict,
  ProverOffer,
  ProviderId,
  RevealBody,
  TaskDeclineBody,
  Work,
} from '@duckmesh/protocol'
import type { Address } from 'viem'

/** A piece of work as handed out by the coordinator. */
export type WorkItem = Work['items'][number]

/**
 * The coordinator as the node sees it. Everything throws the coordinator's own error, or `SERVICE_UNAVAILABLE`
 * when there is no answer. Calls of a node need `useAudience` first.
 */
export type CoordinatorClient = {
  url: string
  /** When it first failed to answer, ms; undefined while it answers. Answers of 500 and above are failures. */
  readonly unreachableSinceMs: number | undefined
  /** Names the address that sessions are signed for. */
  useAudience(address: Address): void
  info(): Promise<CoordinatorInfo>
  jobStatus(jobId: JobId): Promise<JobStatus>
  announce(announce: Announce): Promise<void>
  /**
   * Long poll.
   * @param after cursor of the last answer; 0 for everything that is due
   * @param waitMs at most `limits.maxWaitMs`
   */
  work(after: number, waitMs: number, signal: AbortSignal): Promise<Work>
  progress(jobId: JobId, body: { round: number; providerId: ProviderId; tokens: number }): Promise<void>
  commit(jobId: JobId, body: CommitmentBody): Promise<void>
  reveal(jobId: JobId, body: RevealBody): Promise<void>
  open(jobId: JobId, body: OpeningBody): Promise<void>
  decline(jobId: JobId, body: { round: number; providerId: ProviderId; code: string }): Promise<void>
  registerProver(offer: ProverOffer): Promise<void>
  /** @throws DuckMeshError `NOT_REGISTERED` when the prover must register first */
  proverHeartbeat(proverId: ProviderId): Promise<void>
  /** @param waitMs how long the coordinator may wait for a task */
  assignTask(proverId: ProviderId, waitMs: number, signal?: AbortSignal): Promise<AssignedTask | null>
  declineTask(taskId: JobId, body: TaskDeclineBody): Promise<void>
  submitProof(body: ProofResultBody): Promise<ProofVerdict>
}
