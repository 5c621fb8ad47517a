import type { Chunk, StreamFinishReason } from '@duckmesh/protocol'

/** How an answer looks to the client: in one of the two APIs, as a whole or piece by piece. One is made per answer. */
export type Shape = {
  idPrefix: string
  /** Value of `object` of a whole answer and of a piece. */
  object: { whole: string; part: string }
  /** Choices that go out before the first chunk. */
  first(): unknown[]
  /** Choice of a chunk; undefined when it shows nothing. */
  part(chunk: Chunk): unknown
  /** Choice that ends a stream. */
  last(reason: string): unknown
  /** Choice of the whole answer. */
  whole(chunks: readonly Chunk[], reason: string): unknown
}

/**
 * The word of the OpenAI API for how an answer ended. A price limit is a limit like `max_tokens`.
 * @returns undefined for an answer that did not come to an end
 */
export function finishWord(reason: StreamFinishReason): 'stop' | 'length' | 'tool_calls' | undefined {
  if (reason === 'unpaid') return 'length'
  return reason === 'cut' || reason === 'error' ? undefined : reason
}
