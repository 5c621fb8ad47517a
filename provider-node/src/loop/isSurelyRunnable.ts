import type { InferenceRequest } from '@duckmesh/protocol'

/** Begin-of-sequence and a leading space that tokenizers add. */
const EXTRA_TOKENS = 2
/** Engines take the largest seed as "choose one at random" and refuse it. */
const LARGEST_SEED = 0xffff_ffff

/**
 * Whether a request is certain to fit the engine, without asking it: a token holds at least one byte. Where this
 * is false the request is run before its bond is locked, so that nobody can order a bond away with a prompt that
 * is too long.
 */
export function isSurelyRunnable(request: InferenceRequest, contextTokens: number): boolean {
  const mostPromptTokens = Buffer.byteLength(request.prompt) + EXTRA_TOKENS
  return mostPromptTokens + request.maxTokens <= contextTokens && request.seed !== LARGEST_SEED
}
