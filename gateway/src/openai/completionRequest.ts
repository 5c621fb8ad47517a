import type { StreamRequest } from '@duckmesh/protocol'
import { z } from 'zod'
import { isNeutral, refuseUnless, samplingShape } from './fields.ts'
import { readSampling, refuseSampling } from './sampling.ts'

/** `POST /v1/completions`. Source: OpenAI API reference, "Create completion". */
export const completionBodySchema = z.looseObject({
  ...samplingShape,
  /** One text, or an array of one. Arrays of token ids are of one tokenizer and refused. */
  prompt: z.string().min(1).or(z.array(z.unknown()).min(1).max(2_048)),
  logprobs: z.int().min(0).max(5).nullish(),
  echo: z.boolean().nullish(),
})
export type CompletionBody = z.output<typeof completionBodySchema>

/** Tokens of an answer whose client names no limit, as in the OpenAI API. */
const DEFAULT_TOKENS = 16

/**
 * A completion request in the form of the streaming lane.
 * @throws DuckMeshError `UNSUPPORTED_FIELD`
 */
export function readCompletion(
  body: CompletionBody,
  drawSeed: () => number,
): Extract<StreamRequest, { api: 'completion' }> {
  refuseSampling(body)
  refuseUnless(isNeutral(body.best_of, 1), 'best_of', 'one answer is made for each request')
  refuseUnless(isNeutral(body.suffix, ''), 'suffix', 'engines of the mesh write on, not in between')
  const scoresPrompt = body.echo === true && !isNeutral(body.logprobs)
  refuseUnless(!scoresPrompt, 'echo', 'log-probabilities of the prompt are not computed')
  const prompts = typeof body.prompt === 'string' ? [body.prompt] : body.prompt
  const [prompt] = prompts
  const isOneText = prompts.length === 1 && typeof prompt === 'string' && prompt !== ''
  refuseUnless(isOneText, 'prompt', 'send one text for each request, no token ids')
  return {
    api: 'completion',
    prompt: prompt as string,
    maxTokens: body.max_tokens ?? DEFAULT_TOKENS,
    ...readSampling(body, body.logprobs ?? 0, drawSeed),
  }
}
