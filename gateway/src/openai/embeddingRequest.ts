import type { StreamRequest } from '@duckmesh/protocol'
import { z } from 'zod'
import { commonShape, refuseUnless } from './fields.ts'

/** `POST /v1/embeddings`. Source: OpenAI API reference, "Create embeddings". */
export const embeddingBodySchema = z.looseObject({
  ...commonShape,
  /** A text or several. Arrays of token ids are of one tokenizer and refused. */
  input: z.string().min(1).or(z.array(z.unknown()).min(1).max(256)),
  encoding_format: z.enum(['float', 'base64']).nullish(),
  /** Taken when it is the native size of the model, which shows in the answer. */
  dimensions: z.int().min(1).nullish(),
})
export type EmbeddingBody = z.output<typeof embeddingBodySchema>

/**
 * An embedding request in the form of the streaming lane.
 * @throws DuckMeshError `UNSUPPORTED_FIELD`
 */
export function readEmbedding(body: EmbeddingBody): Extract<StreamRequest, { api: 'embedding' }> {
  const input = typeof body.input === 'string' ? [body.input] : body.input
  const areTexts = input.every((text) => typeof text === 'string' && text !== '')
  refuseUnless(areTexts, 'input', 'send texts that are not empty, no token ids')
  return { api: 'embedding', input: input as string[] }
}
