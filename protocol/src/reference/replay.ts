import { z } from 'zod'
import { limits } from '../constants.ts'
import { DuckMeshError } from '../errors/duckMeshError.ts'
import { hashCanonical } from '../inference/canonical.ts'
import { executionProfileSchema } from '../inference/profile.ts'
import { uint32Schema } from '../schemas/primitives.ts'
import { type Chunk, chunkSchema, firstHead, lastHead, nextHead } from '../streaming/chunk.ts'
import { streamFinishReasons } from '../streaming/finishReason.ts'
import { chatRequestSchema, completionRequestSchema } from '../streaming/request.ts'
import { streamIdOf, streamSchema } from '../streaming/stream.ts'
import type { MeshDomain } from '../typed-data/domain.ts'

/**
 * `POST /v1/replays`: an answer of some provider, to be checked. It names no provider and carries no receipt, so that
 * a validator cannot tell a known answer that tests it from a real one; its verdict names the hash of what it was given.
 */
export const replayBodySchema = z.strictObject({
  stream: streamSchema,
  /** What was asked for; its canonical hash is `stream.requestHash`. */
  request: z.discriminatedUnion('api', [chatRequestSchema, completionRequestSchema]),
  /** Under which conditions; its canonical hash is `stream.policy`. */
  profile: executionProfileSchema,
  /** The answer, with token ids and log-probabilities. */
  chunks: z.array(chunkSchema).max(limits.maxTokens),
  /** Tokens of the prompt that the provider counted. */
  promptTokens: uint32Schema,
  /** Why it ended: the last link of the chain. */
  finishReason: z.enum(streamFinishReasons),
})
export type ReplayBody = z.output<typeof replayBodySchema>

/** An answer in one piece. */
export type GivenAnswer = { tokens: number[]; logprobs: number[]; text: string }

/** Joins the chunks of an answer. */
export const joinChunks = (chunks: readonly Chunk[]): GivenAnswer => ({
  tokens: chunks.flatMap(({ tokens }) => tokens),
  logprobs: chunks.flatMap(({ logprobs }) => logprobs),
  text: chunks.map(({ text }) => text).join(''),
})

/**
 * What a replay is about: the stream and the last head of the chunk chain, which is the `outputHash` of the receipt.
 * Request, seed and profile are bound by the stream id, so an answer cannot be moved to another request or another seed,
 * and its end by the last head, so that nobody can say it ended for another reason.
 * @throws DuckMeshError `INPUT_MISMATCH` when request or profile are not those of the stream, `REPLAY_IMPOSSIBLE`
 * when chunks are not in order, or lack token ids or log-probabilities
 */
export function bindReplay(domain: MeshDomain, body: ReplayBody) {
  const { stream, request, profile, chunks, finishReason } = body
  const mismatch = (field: string) =>
    new DuckMeshError('INPUT_MISMATCH', `The ${field} is not the one that the stream names.`, { field })
  if (hashCanonical(request) !== stream.requestHash) throw mismatch('request')
  if (hashCanonical(profile) !== stream.policy) throw mismatch('profile')
  const streamId = streamIdOf(domain, stream)
  let head = firstHead(streamId)
  for (const [index, chunk] of chunks.entries()) {
    if (chunk.index !== index) throw impossible('The chunks are not in order.', { index })
    if (chunk.tokens.length !== chunk.logprobs.length || (chunk.text !== '' && chunk.tokens.length === 0)) {
      throw impossible('A chunk lacks token ids or log-probabilities.', { index })
    }
    head = nextHead(head, chunk)
  }
  return { streamId, outputHash: lastHead(head, finishReason) }
}

const impossible = (message: string, details: Record<string, unknown>): DuckMeshError =>
  new DuckMeshError('REPLAY_IMPOSSIBLE', message, details)
