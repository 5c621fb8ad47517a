/** How long the buyer waits for what. All times in milliseconds. */
export type StreamSettings = {
  /** For the head of an answer. */
  openWithinMs: number
  /** Without one byte, keep-alive comments included. */
  silenceMs: number
  /** Without one chunk, while bytes come: an engine that hangs behind a node that does not. */
  stallMs: number
  /** For one stream at one provider. */
  longestMs: number
  /** A provider may begin so long after it was asked. */
  beginWithinMs: number
  /** Tries to go on at the same provider after a cut. */
  resumeTries: number
  /** Between those tries; doubles each time. */
  resumeAfterMs: number
  /** For a provider to see on chain what the buyer has just done there. */
  catchUpMs: number
  /** For the receipt of a stream that this side has ended. */
  receiptWithinMs: number
  /** Without a first chunk, a second provider is asked as well; null never does. */
  hedgeAfterMs: number | null
  /** Without anybody who can answer. */
  giveUpAfterMs: number
  /** Providers asked for one answer. */
  attempts: number
}

/** What holds where a caller says nothing else. */
export const defaultSettings: StreamSettings = {
  openWithinMs: 15_000,
  silenceMs: 30_000,
  stallMs: 60_000,
  longestMs: 600_000,
  beginWithinMs: 60_000,
  resumeTries: 3,
  resumeAfterMs: 100,
  catchUpMs: 10_000,
  receiptWithinMs: 3_000,
  hedgeAfterMs: null,
  giveUpAfterMs: 30_000,
  attempts: 8,
}
