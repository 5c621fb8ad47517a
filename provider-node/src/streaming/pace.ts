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
  /** Least time between two chunks, ms; see `gatherMs`. */
  chunkMs: number
}

/** Longest time in which tokens gather because others run too, ms: a reader still sees the answer flow. */
const MOST_GATHER_MS = 160

/**
 * How long tokens gather before a chunk leaves. Streams that run side by side share the rate of one: what a chunk costs,
 * a hash, a commit and an event, would otherwise take more of the engine's time the more of them there are.
 * @param running streams that the engine runs now
 * @returns ms
 * @example gatherMs({ chunkMs: 20 }, 8) // 160
 */
export function gatherMs({ chunkMs }: Pick<StreamPace, 'chunkMs'>, running: number): number {
  return Math.max(chunkMs, Math.min(MOST_GATHER_MS, chunkMs * running))
}
