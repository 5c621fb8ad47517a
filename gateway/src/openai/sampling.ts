import { limits, promptTokensBound, type StreamRequest } from '@duckmesh/protocol'
import type { z } from 'zod'
import { isEmpty, isNeutral, refuseUnless, type samplingShape } from './fields.ts'

/** Seeds of the streaming lane are below this; to llama.cpp the largest uint32 means "any". */
export const SEEDS = 0xffff_ffff

type Sampling = z.output<z.ZodObject<typeof samplingShape>>

/**
 * Refuses what changes the sampling in a way that cannot travel.
 * @param body as it came: these fields are in no schema, since nothing is done with them
 * @throws DuckMeshError `UNSUPPORTED_FIELD`
 */
export function refuseSampling(body: Record<string, unknown>): void {
  refuseUnless(isNeutral(body.n, 1), 'n', 'send one request for each answer; seeds tell them apart')
  refuseUnless(isNeutral(body.frequency_penalty, 0), 'frequency_penalty', 'engines would differ in it')
  refuseUnless(isNeutral(body.presence_penalty, 0), 'presence_penalty', 'engines would differ in it')
  refuseUnless(isEmpty(body.logit_bias), 'logit_bias', 'it needs token ids of one tokenizer')
}

/**
 * The sampler settings of a request in the form of the streaming lane.
 * @param drawSeed gives a seed when the client gave none: the gateway draws it, so that no provider can pick one
 */
export const readSampling = (
  body: Sampling,
  topLogprobs: number,
  drawSeed: () => number,
): Omit<Extract<StreamRequest, { api: 'completion' }>, 'api' | 'prompt' | 'maxTokens'> => ({
  temperature: body.temperature ?? 1,
  topP: body.top_p ?? 1,
  seed: isNeutral(body.seed) ? drawSeed() : foldSeed(body.seed!),
  stop: typeof body.stop === 'string' ? [body.stop] : (body.stop ?? []),
  topLogprobs,
  continueFrom: [],
})

/** A seed of the OpenAI API, any integer, as one of the streaming lane; equal seeds stay equal. */
export const foldSeed = (seed: number): number => ((seed % SEEDS) + SEEDS) % SEEDS

/** Share of the context that an answer may fill when the prompt alone might fill all of it. */
const LEAST_SHARE = 4

/**
 * Most tokens of an answer whose client names no limit: what the context leaves when every byte of the prompt were a
 * token, so that it always fits; at least a quarter of the context.
 * @param request with any `maxTokens`
 * @param contextTokens of the model
 */
export function roomFor(request: StreamRequest, contextTokens: number): number {
  const left = contextTokens - promptTokensBound(request)
  const least = Math.ceil(contextTokens / LEAST_SHARE)
  return Math.max(1, Math.min(limits.maxTokens, Math.max(left, least)))
}
