import { DuckMeshError } from '@duckmesh/protocol'
import type { Ask } from './buyAnswer.ts'
import type { Call } from './call.ts'
import type { EmbeddingBody } from './embeddingRequest.ts'
import { extrasBody } from './extras.ts'
import { cutError, openAnswer, setAnswerHeaders } from './openAnswer.ts'
import { finishWord } from './shape.ts'

const FLOAT_BYTES = 4

/**
 * Answers a request for vectors.
 * @throws DuckMeshError `UNSUPPORTED_FIELD` for another size than the model has, what was refused otherwise
 */
export async function answerEmbedding(call: Call, ask: Ask, body: EmbeddingBody): Promise<void> {
  const answer = await openAnswer(call, ask)
  const vectors: string[] = []
  let next = await answer.chunks.next()
  for (; !next.done; next = await answer.chunks.next()) vectors.push(...(next.value.embeddings ?? []))
  const result = next.value
  if (!finishWord(result.finishReason)) throw cutError(result, call.life.endedBy)
  const dimensions = Buffer.from(vectors[0] ?? '', 'base64').length / FLOAT_BYTES
  if (body.dimensions && body.dimensions !== dimensions) {
    const message = `dimensions: this model gives ${dimensions}, and its vectors cannot be cut.`
    const details = { param: 'dimensions', dimensions, costWei: String(result.costWei) }
    throw new DuckMeshError('UNSUPPORTED_FIELD', message, details)
  }
  setAnswerHeaders(call.response, answer)
  const isBase64 = body.encoding_format === 'base64'
  call.response.json({
    object: 'list',
    data: vectors.map((vector, index) => ({
      object: 'embedding',
      index,
      embedding: isBase64 ? vector : toFloats(vector),
    })),
    model: body.model,
    usage: { prompt_tokens: result.usage.promptTokens, total_tokens: result.usage.promptTokens },
    duckmesh: extrasBody(ask.terms, answer.policy, undefined, result),
  })
}

function toFloats(base64: string): number[] {
  const bytes = Buffer.from(base64, 'base64')
  return Array.from({ length: bytes.length / FLOAT_BYTES }, (_, index) =>
    bytes.readFloatLE(index * FLOAT_BYTES),
  )
}
