import type { ExecutionProfile, ReplayBody, ReplayFacts } from '@duckmesh/protocol'

/** Reads answers of others with a model of its own: the port between the node and an engine that can do so. */
export type Replayer = {
  /** Conditions of its runs; only answers of the same model, tokenizer, sampler rules and engine can be read. */
  readonly profile: ExecutionProfile
  /** Replays that run or wait now. */
  readonly busy: number
  /**
   * Reads a given answer in one pass, two when it was sampled, and tells what the model says of each token.
   * @throws DuckMeshError `REPLAY_IMPOSSIBLE` for an answer of another model or engine, `BAD_REQUEST`,
   * `PROMPT_TOO_LONG`, `EXECUTOR_BUSY`, `EXECUTOR_FAILED`, `EXECUTOR_TIMEOUT` or `CANCELLED`
   */
  replay(body: ReplayBody, signal: AbortSignal): Promise<ReplayFacts>
  /** Ends what runs or waits. May be called more than once. */
  close(): Promise<void>
}
