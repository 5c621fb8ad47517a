import type { Chunk } from '@duckmesh/protocol'

/** A token with its log-probability, nats, and the likeliest tokens at its place. */
export type ScoredToken = { text: string; logprob: number; top: { text: string; logprob: number }[] }

/**
 * Tokens of a chunk with their texts. A chunk has several tokens when a character is spread over them: the text is
 * then that of the last, unless the alternatives tell the text of each.
 */
export function scoredTokens({ text, tokens, logprobs, topLogprobs }: Chunk): ScoredToken[] {
  return logprobs.map((logprob, index) => {
    const top = topLogprobs?.[index] ?? []
    const known = top.find(({ token }) => token === tokens[index])?.text
    const isLast = index === logprobs.length - 1
    const own = logprobs.length > 1 ? (known ?? (isLast ? text : '')) : text
    return {
      text: own,
      logprob,
      top: top.map(({ text: other, logprob: score }) => ({ text: other, logprob: score })),
    }
  })
}

const bytesOf = (text: string): number[] => [...new TextEncoder().encode(text)]

/** Log-probabilities as chats have them. Source: OpenAI API reference, "The chat completion object". */
export const chatLogprobs = (chunks: readonly Chunk[]) => ({
  content: chunks.flatMap(scoredTokens).map(({ text, logprob, top }) => ({
    token: text,
    logprob,
    bytes: bytesOf(text),
    top_logprobs: top.map((other) => ({
      token: other.text,
      logprob: other.logprob,
      bytes: bytesOf(other.text),
    })),
  })),
  refusal: null,
})

/**
 * Log-probabilities as completions have them. Source: OpenAI API reference, "The completion object".
 * @param from characters of the answer before the first of these chunks
 */
export function completionLogprobs(chunks: readonly Chunk[], from: number) {
  const scored = chunks.flatMap(scoredTokens)
  let offset = from
  return {
    tokens: scored.map(({ text }) => text),
    token_logprobs: scored.map(({ logprob }) => logprob),
    top_logprobs: scored.map(({ text, logprob, top }) =>
      // the chosen token is always among them in this API
      Object.fromEntries([...top.map((other) => [other.text, other.logprob]), [text, logprob]]),
    ),
    text_offset: scored.map(({ text }) => {
      const at = offset
      offset += text.length
      return at
    }),
  }
}
