import type { StreamFinishReason } from '@duckmesh/protocol'

/** How a test provider misbehaves; nothing of it by default. */
export type Faults = {
  /** Chunk with this number is told with a wrong head from then on. */
  falseHeadAt?: number
  /** Added to the prompt tokens that it states. */
  extraPromptTokens?: number
  /** Added to every amount that it states, wei. */
  extraWei?: bigint
  /** States so many times what the channel owes. */
  owedTimes?: bigint
  /** Signs another reason to end than the one that it tells. */
  signsReason?: StreamFinishReason
  /** Ends by itself after so many chunks, and says so. */
  stopsAfter?: number
  /** Ends by tool calls that nobody has asked for. */
  callsTools?: boolean
  /** Signs with another key. */
  signsWithOwner?: boolean
  /** Signs as another provider. */
  saysProviderId?: number
  /** Ends the connection after so many events, `open` included. */
  cutAfterEvents?: number
  /** How many connections are cut like that; all by default. */
  cuts?: number
  /** Sends nothing after so many chunks. */
  silentAfter?: number
  /** Goes on beyond `maxTokens`. */
  isNeverEnding?: boolean
  /** Sends one event of so many characters instead of the first chunk. */
  hugeEvent?: number
  /** Sends this text as the data of the first chunk. */
  rawChunk?: string
  /** Skips an index. */
  skipsIndex?: boolean
  /** Answers so many requests with `EXECUTOR_BUSY`. */
  busyTimes?: number
  /** Begins so many streams and ends them with `EXECUTOR_BUSY` before the first token. */
  endsBusyTimes?: number
  /** Answers so many requests with a bare 429, as a proxy does. */
  tooManyTimes?: number
  /** Answers so many requests with `VOUCHER_TOO_LOW` while another stream runs on the channel. */
  crowdedTimes?: number
  /** Answers every request with `VOUCHER_TOO_LOW`. */
  wantsMore?: boolean
  /** Ends with an engine error after so many chunks. */
  failsAfter?: number
  /** Keeps the line busy with comments, and gives nothing. */
  onlyComments?: boolean
  /** Sends each checkpoint so many times. */
  repeatsCheckpoint?: number
  /** Gives text without its tokens, as some engines do. */
  hidesTokens?: boolean
  /** Another receipt for the same stream when it is asked again. */
  equivocates?: boolean
  /** Wait before the first chunk, and between chunks, ms. */
  firstChunkMs?: number
  chunkMs?: number
}
