import { z } from 'zod'
import { limits } from '../constants.ts'

/** What an inference job runs. The canonical hash of this object is `order.inputHash`. */
export const inferenceRequestSchema = z.strictObject({
  kind: z.literal('inference'),
  /** Raw text to continue; UTF-8, at most `limits.maxPromptBytes`. */
  prompt: z
    .string()
    .min(1)
    .refine((text) => new TextEncoder().encode(text).length <= limits.maxPromptBytes, {
      error: `prompt is longer than ${limits.maxPromptBytes} bytes`,
    }),
  maxTokens: z.int().min(1).max(limits.maxTokens),
  /** 0 = greedy. */
  temperature: z.number().min(0).max(2),
  /** Seed of the sampler; without effect at temperature 0. The largest uint32 is left out: to llama.cpp it means "any". */
  seed: z.int().min(0).max(0xffff_fffe),
})
export type InferenceRequest = z.output<typeof inferenceRequestSchema>

/** What an inference job gives. The canonical hash of this object is the output hash. */
export const inferenceResultSchema = z.strictObject({
  text: z.string().max(limits.maxBodyBytes),
  /** Token ids as generated: text alone cannot be tokenised back faithfully. Empty when the engine hides them. */
  tokens: z.array(z.int().min(0).max(0xffff_ffff)).max(limits.maxTokens),
  finishReason: z.enum(['stop', 'length']),
})
export type InferenceResult = z.output<typeof inferenceResultSchema>
