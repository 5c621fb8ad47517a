import type { Checkpoint } from './readCheckpoint.ts'
import type { VocabularyToken } from './readTokenizer.ts'

/**
 * Reads a set of token ids from a base64 bit map: bit `id & 7` of byte `id >> 3`, line breaks allowed.
 * @returns the ids in ascending order
 */
export function readKeptTokens(base64: string): number[] {
  const bytes = Buffer.from(base64, 'base64')
  return Array.from({ length: bytes.length * 8 }, (_, id) => id).filter(
    (id) => ((bytes[id >> 3] ?? 0) >> (id & 7)) & 1,
  )
}

/**
 * Keeps only some tokens, renumbered without gaps in the same order. Every other weight stays as it is, so that
 * the text is the same as long as the full model would not have chosen a dropped token.
 * @param kept ids to keep, ascending
 * @throws RangeError for an id that the vocabulary does not have
 */
export function pruneVocabulary(
  checkpoint: Checkpoint,
  vocabulary: readonly VocabularyToken[],
  kept: readonly number[],
): { checkpoint: Checkpoint; vocabulary: VocabularyToken[] } {
  const { columns, values } = checkpoint.embedding
  const embedding = { rows: kept.length, columns, values: new Float32Array(kept.length * columns) }
  const tokens = kept.map((id, row) => {
    const token = vocabulary[id]
    if (!token) throw new RangeError(`The vocabulary has no token ${id}.`)
    embedding.values.set(values.subarray(id * columns, (id + 1) * columns), row * columns)
    return token
  })
  const config = { ...checkpoint.config, vocabularySize: kept.length }
  return { checkpoint: { ...checkpoint, config, embedding }, vocabulary: tokens }
}
