import { z } from 'zod'
import { limits } from '../constants.ts'
import { bytes32Schema } from '../schemas/primitives.ts'

/**
 * 32 random bytes that the engine does not see. A request that travels sealed has them, so that its hash, which is
 * plain, does not give it away to whoever guesses.
 */
const salt = bytes32Schema.optional()

const samplingShape = {
  /** Most tokens of the answer. */
  maxTokens: z.int().min(1).max(limits.maxTokens),
  /** 0 = greedy. */
  temperature: z.number().min(0).max(2),
  topP: z.number().gt(0).max(1),
  /** Seed of the sampler; without effect at temperature 0. */
  seed: z.int().min(0).max(0xffff_fffe),
  /** Texts that end the answer; they are not part of it. */
  stop: z.array(z.string().min(1).max(256)).max(4),
  /** Alternatives to each token, with their log-probabilities; 0 for none. */
  topLogprobs: z.int().min(0).max(20),
  /**
   * What another provider gave before the stream was cut: the answer goes on after these tokens, and only what is new
   * is given and paid as answer. Empty at the start.
   */
  continueFrom: z.array(z.int().min(0).max(0xffff_ffff)).max(limits.maxTokens),
  salt,
}

const textPart = z.strictObject({ type: z.literal('text'), text: z.string() })

/** One message of a chat. Tool calls travel as the OpenAI API writes them: engines that know them are handed them. */
export const chatMessageSchema = z.strictObject({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
  content: z.string().or(z.array(textPart).max(256)).nullable(),
  name: z.string().max(64).optional(),
  toolCalls: z.array(z.json()).max(128).optional(),
  toolCallId: z.string().max(128).optional(),
})
export type ChatMessage = z.output<typeof chatMessageSchema>

/** A chat: the engine puts the messages into the template of its model. */
export const chatRequestSchema = z.strictObject({
  api: z.literal('chat'),
  messages: z.array(chatMessageSchema).min(1).max(1_024),
  /** Tools as the OpenAI API writes them; null when the engine is to know none. */
  tools: z.array(z.json()).max(128).nullable(),
  toolChoice: z.json().nullable(),
  ...samplingShape,
})

/** Raw text to continue. */
export const completionRequestSchema = z.strictObject({
  api: z.literal('completion'),
  prompt: z.string().min(1),
  ...samplingShape,
})

/** Texts to embed. */
export const embeddingRequestSchema = z.strictObject({
  api: z.literal('embedding'),
  input: z.array(z.string().min(1)).min(1).max(256),
  salt,
})

/** An image whose text is to be read. */
export const ocrRequestSchema = z.strictObject({
  api: z.literal('ocr'),
  /** PNG, JPEG or WebP, base64. */
  image: z.base64().min(1),
  salt,
})

/**
 * What the buyer of a stream asks for; its canonical hash is `Stream.requestHash`. Whoever takes one from outside
 * limits its size first: `limits.maxStreamBodyBytes`.
 */
export const streamRequestSchema = z.discriminatedUnion('api', [
  chatRequestSchema,
  completionRequestSchema,
  embeddingRequestSchema,
  ocrRequestSchema,
])
export type StreamRequest = z.output<typeof streamRequestSchema>
/** Ways of asking, as the provider offers them. */
export type StreamApi = StreamRequest['api']
export const streamApis = ['chat', 'completion', 'embedding', 'ocr'] as const satisfies readonly StreamApi[]
