import { concat, type Hex, keccak256 } from 'viem'
import { z } from 'zod'
import { limits } from '../constants.ts'
import type { JobId } from '../ids.ts'
import { hashCanonical } from '../inference/canonical.ts'
import type { StreamFinishReason } from './finishReason.ts'

/** A token of the answer with its log-probability, nats, rounded to four decimals. */
const scoredTokenSchema = z.strictObject({
  token: z.int().min(0).max(0xffff_ffff),
  text: z.string(),
  logprob: z.number().max(0),
})

/** A piece of an answer, in the order in which it was made. */
export const chunkSchema = z.strictObject({
  /** From 0, without gaps. */
  index: z.int().min(0),
  /** What is new; tokens that end inside a character wait for the rest of it. */
  text: z.string(),
  /** Token ids behind the text; empty when the engine hides them. */
  tokens: z.array(z.int().min(0).max(0xffff_ffff)).max(limits.maxTokens),
  /** Log-probability of each token under the model, nats, rounded to four decimals; empty when the engine hides them. */
  logprobs: z.array(z.number().max(0)).max(limits.maxTokens),
  /** Alternatives to each token, when the request asked for them. */
  topLogprobs: z.array(z.array(scoredTokenSchema).max(20)).max(limits.maxTokens).optional(),
  /** Tool calls as the OpenAI API streams them, from engines that make them. */
  toolCalls: z.array(z.json()).max(128).optional(),
  /** Vectors of an embedding request, each little-endian float32 in base64. */
  embeddings: z.array(z.base64()).max(256).optional(),
})
export type Chunk = z.output<typeof chunkSchema>

/** Head of the hash chain before the first chunk. */
export const firstHead = (streamId: JobId): Hex => streamId

/**
 * Head of the hash chain after one more chunk: keccak256(head ‖ canonical hash of the chunk). A stream that is cut is
 * paid, and can be disputed, up to the chunk whose head its provider signed.
 * @example let head = firstHead(streamId); for (const chunk of chunks) head = nextHead(head, chunk)
 */
export const nextHead = (head: Hex, chunk: Chunk): Hex => keccak256(concat([head, hashCanonical(chunk)]))

/**
 * Last link of the hash chain: keccak256(head ‖ canonical hash of {finishReason}). It is the `outputHash` of the receipt,
 * so a provider signs why it stopped together with what it gave. No chunk has the form of that link.
 * @param head after the last chunk
 * @example lastHead(chunks.reduce(nextHead, firstHead(streamId)), 'stop') === receipt.outputHash
 */
export const lastHead = (head: Hex, finishReason: StreamFinishReason): Hex =>
  keccak256(concat([head, hashCanonical({ finishReason })]))
