import type { ExecutionProfile, InferenceRequest, InferenceResult } from '@duckmesh/protocol'
import type { Replayer } from '../reference/replayer.ts'
import type { Generator } from './generator.ts'

/** What a finished run gives. */
export type ExecutorRun = {
  result: InferenceResult
  /** Tokens of the prompt, the begin-of-sequence token included. 0 when the engine does not say. */
  promptTokens: number
}

/** How one run is steered. */
export type RunOptions = {
  /** Ends the run with `CANCELLED` and frees its slot. */
  signal?: AbortSignal | undefined
  /** Called after each generated token with the number of tokens so far. */
  onToken?: ((count: number) => void) | undefined
}

/** Runs inference requests: the port between the provider node and an engine. */
export type Executor = {
  /** The conditions of every run; two executors with equal profiles must give equal results. */
  readonly profile: ExecutionProfile
  /** Most tokens that prompt and answer may have together. */
  readonly contextTokens: number
  /** Says that `run` takes nothing: jobs with seats or on chain are declined, streams are served. */
  readonly streamsOnly?: true
  /**
   * Runs one request.
   * @throws DuckMeshError `BAD_REQUEST`, `PROMPT_TOO_LONG`, `EXECUTOR_BUSY`, `EXECUTOR_FAILED`,
   * `EXECUTOR_TIMEOUT` or `CANCELLED`
   */
  run(request: InferenceRequest, options?: RunOptions): Promise<ExecutorRun>
  /** The same engine on the streaming lane, when it serves that. */
  readonly generator?: Generator
  /** Checks answers of other nodes with the same model, when the engine can. */
  readonly replayer?: Replayer
  /** Cancels what runs or waits and frees the engine. May be called more than once. */
  close(): Promise<void>
}
