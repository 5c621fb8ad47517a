import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { chunkSchema, DuckMeshError, executionProfileSchema, promptTokensBound } from '@duckmesh/protocol'
import { installMinilm } from '../models/minilm.ts'
import { createEmbeddingExecutor } from './embeddingExecutor.ts'
import type { Executor } from './executor.ts'
import { completion, take } from './streamRequest.fixture.ts'

const codeIs = (code: string) => (error: unknown) => error instanceof DuckMeshError && error.code === code

const cosine = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, value, index) => sum + value * b[index]!, 0)

/** Vectors as a client reads them. */
function decode(base64: string): number[] {
  const bytes = Buffer.from(base64, 'base64')
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4))
}

describe('embeddingExecutor with MiniLM', () => {
  let executor: Executor
  before(async () => {
    executor = await createEmbeddingExecutor({ model: await installMinilm() })
  })
  after(() => executor?.close())

  const embed = async (...input: string[]) => {
    const answer = await take(executor.generator!, { api: 'embedding', input })
    return { ...answer, vectors: answer.pieces.flatMap(({ embeddings }) => embeddings ?? []).map(decode) }
  }

  test('gives one unit vector of 384 numbers for each text, and counts its tokens', async () => {
    const { vectors, pieces, finishReason, promptTokens } = await embed('A duck.', 'Two ducks swim.')
    assert.equal(vectors.length, 2)
    for (const vector of vectors) {
      assert.equal(vector.length, 384)
      assert.ok(Math.abs(cosine(vector, vector) - 1) < 1e-5)
    }
    assert.equal(finishReason, 'stop')
    assert.equal(promptTokens, 5 + 6, 'with [CLS] and [SEP]')
    for (const [index, piece] of pieces.entries()) chunkSchema.parse({ index, ...piece })
    assert.ok(promptTokens <= promptTokensBound({ api: 'embedding', input: ['A duck.', 'Two ducks swim.'] }))
  })

  test('ranks sentences as the model card does: like with like, unlike apart', async () => {
    const { vectors } = await embed(
      'That is a happy person',
      'That is a happy dog',
      'That is a very happy person',
      'Today is a sunny day',
    )
    const [source, dog, very, sunny] = vectors as [number[], number[], number[], number[]]
    // Published scores of all-MiniLM-L6-v2 for these sentences: 0.695, 0.943, 0.257 (Hugging Face model card widget).
    assert.ok(Math.abs(cosine(source, dog) - 0.695) < 0.01, `${cosine(source, dog)}`)
    assert.ok(Math.abs(cosine(source, very) - 0.943) < 0.01, `${cosine(source, very)}`)
    assert.ok(Math.abs(cosine(source, sunny) - 0.257) < 0.01, `${cosine(source, sunny)}`)
  })

  test('a text has the same vector alone and among others, and case and accents play no part', async () => {
    const texts = Array.from({ length: 40 }, (_, index) => `Sentence number ${index} about ducks.`)
    const { vectors, pieces } = await embed(...texts)
    assert.ok(pieces.length > 1, 'a long request flows')
    assert.deepEqual((await embed(texts[17]!)).vectors[0], vectors[17])
    const [plain, accented] = (await embed('a cafe', 'A CAFÉ')).vectors
    assert.deepEqual(accented, plain)
  })

  test('refuses texts beyond the context, other apis, and jobs with seats', async () => {
    const long = take(executor.generator!, { api: 'embedding', input: ['duck '.repeat(600)] })
    await assert.rejects(long, codeIs('PROMPT_TOO_LONG'))
    await assert.rejects(take(executor.generator!, completion()), codeIs('BAD_REQUEST'))
    const job = { kind: 'inference', prompt: 'a', maxTokens: 1, temperature: 0, seed: 0 } as const
    await assert.rejects(executor.run(job), codeIs('BAD_REQUEST'))
    assert.equal(executor.streamsOnly, true)
  })

  test('an abort ends a long request', async () => {
    const stop = new AbortController()
    const input = Array.from({ length: 200 }, (_, index) => `Sentence number ${index}.`)
    const aborted = take(
      executor.generator!,
      { api: 'embedding', input },
      { signal: stop.signal, onPiece: () => stop.abort() },
    )
    await assert.rejects(aborted, codeIs('CANCELLED'))
    assert.equal((await embed('still here')).vectors.length, 1)
  })

  test('names its conditions in the profile', () => {
    const profile = executionProfileSchema.parse(executor.profile)
    assert.deepEqual(
      [profile.name, profile.quantisation, profile.tokenizer, profile.contextTokens],
      ['minilm', 'Q8_0', 'bert/30522', 512],
    )
  })
})
