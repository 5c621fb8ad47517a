import type { Chunk, StreamRequest } from '@duckmesh/protocol'

/** What the caller has been given so far, over all providers. */
export type Given = {
  tokens: number[]
  /** Whether anything was given at all. */
  hasContent: boolean
  /** Whether a part of it came without its tokens: then nobody can go on from there. */
  hidesTokens: boolean
}

export const nothingGiven: Given = { tokens: [], hasContent: false, hidesTokens: false }

/** What was given after one more chunk. */
export function givenAfter(given: Given, { text, tokens, toolCalls, embeddings }: Chunk): Given {
  const all = tokens.length === 0 ? given.tokens : [...given.tokens, ...tokens]
  const isContent =
    text.length > 0 || tokens.length > 0 || toolCalls !== undefined || embeddings !== undefined
  return {
    tokens: all,
    hasContent: given.hasContent || isContent,
    hidesTokens: given.hidesTokens || (isContent && all.length === 0),
  }
}

/**
 * The request that makes another provider go on where the last one ended: after the tokens given, for as many as are
 * left. Undefined when nobody can go on: tokens are hidden, or the request has none.
 */
export function continuationOf(request: StreamRequest, given: Given): StreamRequest | undefined {
  if (!given.hasContent) return request
  if (given.hidesTokens || request.api === 'embedding' || request.api === 'ocr') return undefined
  return {
    ...request,
    continueFrom: [...request.continueFrom, ...given.tokens],
    maxTokens: request.maxTokens - given.tokens.length,
  }
}
