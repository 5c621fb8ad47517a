import { limits, type StreamRequest } from '@duckmesh/protocol'
import { z } from 'zod'
import { chatBodySchema, readChat } from './chatRequest.ts'
import { completionBodySchema, readCompletion } from './completionRequest.ts'

/** `POST /v1/quote`: a request as it would be sent, or only how long its prompt is. */
export const quoteBodySchema = z
  .looseObject({
    model: z.string().min(1).max(256),
    api: z.enum(['chat', 'completion']).default('chat'),
    messages: chatBodySchema.shape.messages.optional(),
    prompt: z.string().min(1).optional(),
    promptTokens: z.int().min(1).max(limits.maxStreamBodyBytes).optional(),
    maxTokens: z.int().min(1).max(limits.maxTokens).optional(),
  })
  .refine(({ messages, prompt, promptTokens }) => messages ?? prompt ?? promptTokens, {
    error: 'messages, prompt or promptTokens is missing',
  })
export type QuoteBody = z.output<typeof quoteBodySchema>

/**
 * The request that a quote is about. Where only the length of the prompt is known, as many characters stand in for it:
 * the ceiling counts a token for every byte.
 * @param contextTokens of the model, for a request without `maxTokens`
 */
export function readQuote(body: QuoteBody, contextTokens: number): StreamRequest {
  const { model, api, promptTokens = 0, maxTokens } = body
  const prompt = body.prompt ?? 'x'.repeat(promptTokens)
  const common = { model, max_tokens: maxTokens, temperature: 0, seed: 0 }
  const noSeed = () => 0
  if (api === 'completion') return readCompletion(completionBodySchema.parse({ ...common, prompt }), noSeed)
  const messages = body.messages ?? [{ role: 'user', content: prompt }]
  return readChat(chatBodySchema.parse({ ...common, messages }), contextTokens, noSeed)
}
