import type { Chunk, StreamApi, StreamFinishReason, StreamRequest } from '@duckmesh/protocol'

/** A piece of an answer as the engine gives it: a chunk without its number. */
export type Piece = Omit<Chunk, 'index'>

/**
 * What a generator yields: once how long the prompt is, and the answer piece by piece. The length comes first from
 * engines in this process; servers elsewhere tell it with the first piece or not before the last.
 */
export type GenerationStep = { type: 'prompt'; promptTokens: number } | { type: 'piece'; piece: Piece }

/** How a generation ended by itself. */
export type GenerationEnd = { finishReason: Extract<StreamFinishReason, 'stop' | 'length' | 'tool_calls'> }

/** Runs requests of the streaming lane: the port between the node and an engine. */
export type Generator = {
  /** What the engine takes. */
  readonly apis: readonly StreamApi[]
  /** Whether pieces carry token ids and log-probabilities. */
  readonly givesLogprobs: boolean
  /** Requests that run at once; others wait. */
  readonly slots: number
  /** Requests that run or wait now. */
  readonly busy: number
  /**
   * Runs one request. The consumer sets the pace: nothing is computed far ahead of what it takes. Ending the iteration
   * early, or the signal, ends the run and frees its slot.
   * @throws DuckMeshError `BAD_REQUEST` (also an api that it does not take), `PROMPT_TOO_LONG`, `EXECUTOR_BUSY` with
   * `details.retryAfterMs`, `EXECUTOR_FAILED`, `EXECUTOR_TIMEOUT` or `CANCELLED`
   */
  generate(request: StreamRequest, signal: AbortSignal): AsyncGenerator<GenerationStep, GenerationEnd, void>
}
