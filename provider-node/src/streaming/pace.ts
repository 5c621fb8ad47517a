/** Times and sizes of streams. */
export type StreamPace = {
  /** Tokens, and ms, after which a checkpoint is signed. */
  checkpointTokens: number
  checkpointMs: number
  /** How long a stream waits for a voucher, and for a client that went away, ms. */
  payMs: number
  resumeMs: number
  /** How long the engine may be silent, ms. */
  engineMs: number
  /** Least time between two chunks, ms. */
  chunkMs: number
}
