import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { pruneVocabulary, readKeptTokens } from './pruneVocabulary.ts'
import { readCheckpoint } from './readCheckpoint.ts'
import { readTokenizer } from './readTokenizer.ts'

/** A llama2.c checkpoint of two layers whose weights count up from 0, so that each place is known. */
function checkpointFile({ vocabularySize = 4 } = {}): Buffer {
  const sizes = [4, 8, 2, 2, 1, vocabularySize, 16]
  const weights = Math.abs(vocabularySize) * 4 + 2 * (4 + 16 + 8 + 8 + 16 + 4 + 32 + 32 + 32) + 4
  return Buffer.concat([
    Buffer.from(new Int32Array(sizes).buffer),
    Buffer.from(Float32Array.from({ length: weights }, (_, index) => index).buffer),
  ])
}

describe('readCheckpoint', () => {
  test('finds each group, with fewer key and value heads, to the last byte', () => {
    const { config, embedding, layers, outputNorm } = readCheckpoint(checkpointFile())
    assert.deepEqual(config, {
      embeddingLength: 4,
      hiddenLength: 8,
      layers: 2,
      heads: 2,
      keyValueHeads: 1,
      vocabularySize: 4,
      contextTokens: 16,
    })
    assert.equal(embedding.values.at(-1), 15)
    const starts = layers.map((layer) => Object.values(layer).map(({ values }) => values[0]))
    assert.deepEqual(starts, [
      [16, 24, 56, 72, 88, 120, 128, 192, 256],
      [20, 40, 64, 80, 104, 124, 160, 224, 288],
    ])
    assert.deepEqual([layers[0]?.key.rows, layers[0]?.key.columns], [2, 4])
    assert.deepEqual([layers[0]?.down.rows, layers[0]?.down.columns], [4, 8])
    assert.deepEqual([...outputNorm.values], [320, 321, 322, 323])
  })

  test('refuses a cut file and a head of its own', () => {
    assert.throws(() => readCheckpoint(checkpointFile().subarray(0, -4)), /ends at byte/)
    assert.throws(() => readCheckpoint(checkpointFile({ vocabularySize: -4 })), /tied/)
  })
})

describe('readTokenizer', () => {
  test('restores byte names and word starts', () => {
    const tokens = [
      ['<unk>', 0],
      ['\n<s>\n', 0],
      ['\n</s>\n', 0],
      ...Array.from({ length: 256 }, () => ['x', 0] as const),
      [' t', -1],
      ['é', -2.5],
    ] as const
    const entries = tokens.map(([text, score]) => {
      const bytes = Buffer.from(text)
      const head = Buffer.alloc(8)
      head.writeFloatLE(score)
      head.writeInt32LE(bytes.length, 4)
      return Buffer.concat([head, bytes])
    })
    const read = readTokenizer(Buffer.concat([Buffer.alloc(4), ...entries]), tokens.length)
    assert.deepEqual(read[1], { text: '<s>', score: 0, type: 3 })
    assert.deepEqual([read[3]?.text, read[13]?.text, read[258]?.text], ['<0x00>', '<0x0A>', '<0xFF>'])
    assert.deepEqual(read[259], { text: '\u2581t', score: -1, type: 1 })
    assert.deepEqual(read[260], { text: 'é', score: -2.5, type: 1 })
  })
})

describe('pruneVocabulary', () => {
  const token = (text: string) => ({ text, score: 0, type: 1 }) as const

  test('keeps rows and tokens together and leaves the original alone', () => {
    const checkpoint = readCheckpoint(checkpointFile())
    const pruned = pruneVocabulary(checkpoint, ['a', 'b', 'c', 'd'].map(token), [0, 2])
    assert.deepEqual(
      pruned.vocabulary.map(({ text }) => text),
      ['a', 'c'],
    )
    assert.deepEqual([...pruned.checkpoint.embedding.values], [0, 1, 2, 3, 8, 9, 10, 11])
    assert.equal(pruned.checkpoint.config.vocabularySize, 2)
    assert.equal(checkpoint.embedding.rows, 4)
    assert.throws(() => pruneVocabulary(checkpoint, [token('a')], [1]), RangeError)
  })

  test('the committed list keeps 7,522 tokens, among them every special and byte token', async () => {
    assert.deepEqual(readKeptTokens(Buffer.from([0b1000_0001, 0b10]).toString('base64')), [0, 7, 9])
    const kept = readKeptTokens(await readFile(new URL('./keptTokens.base64', import.meta.url), 'utf8'))
    assert.equal(kept.length, 7_522)
    assert.deepEqual(
      kept.slice(0, 259),
      Array.from({ length: 259 }, (_, id) => id),
    )
    assert.ok((kept.at(-1) ?? 0) < 32_000)
  })
})
