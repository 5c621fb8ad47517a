/** Sizes at the start of a checkpoint. */
export type CheckpointConfig = {
  embeddingLength: number
  hiddenLength: number
  layers: number
  heads: number
  keyValueHeads: number
  vocabularySize: number
  contextTokens: number
}

/** A matrix in row order; a vector has one row. */
export type Matrix = { rows: number; columns: number; values: Float32Array }

/** Weights of one transformer layer. */
export type LayerWeights = {
  attentionNorm: Matrix
  query: Matrix
  key: Matrix
  value: Matrix
  attentionOutput: Matrix
  feedForwardNorm: Matrix
  gate: Matrix
  down: Matrix
  up: Matrix
}

export type Checkpoint = {
  config: CheckpointConfig
  /** One row for each token; also the output head, which is tied to it. */
  embedding: Matrix
  layers: LayerWeights[]
  outputNorm: Matrix
}

const HEADER_BYTES = 28

/**
 * Reads a model in the format of llama2.c: seven int32 sizes, then float32 weights grouped by kind, each group
 * holding all layers. Source: karpathy/llama2.c, run.c, `memory_map_weights`.
 * @throws Error when the head is not tied to the embedding (negative vocabulary size) or bytes are missing
 */
export function readCheckpoint(file: Buffer): Checkpoint {
  const sizes = Array.from({ length: 7 }, (_, index) => file.readInt32LE(index * 4))
  const [embeddingLength, hiddenLength, layers, heads, keyValueHeads, vocabularySize, contextTokens] =
    sizes as [number, number, number, number, number, number, number]
  if (vocabularySize <= 0) throw new Error('Only checkpoints with a tied output head are supported.')
  const keyValueLength = (embeddingLength * keyValueHeads) / heads

  let offset = HEADER_BYTES
  const take = (rows: number, columns: number): Matrix => {
    const end = offset + rows * columns * 4
    if (end > file.length) throw new Error(`The checkpoint ends at byte ${file.length}, not ${end}.`)
    // A copy, because the bytes of a Buffer need not lie on a 4-byte boundary.
    const values = new Float32Array(new Uint8Array(file.subarray(offset, end)).buffer)
    offset = end
    return { rows, columns, values }
  }
  const takeEach = (rows: number, columns: number) =>
    Array.from({ length: layers }, () => take(rows, columns))

  const embedding = take(vocabularySize, embeddingLength)
  const groups = {
    attentionNorm: takeEach(1, embeddingLength),
    query: takeEach(embeddingLength, embeddingLength),
    key: takeEach(keyValueLength, embeddingLength),
    value: takeEach(keyValueLength, embeddingLength),
    attentionOutput: takeEach(embeddingLength, embeddingLength),
    feedForwardNorm: takeEach(1, embeddingLength),
    gate: takeEach(hiddenLength, embeddingLength),
    down: takeEach(embeddingLength, hiddenLength),
    up: takeEach(hiddenLength, embeddingLength),
  }
  const layer = (index: number) =>
    Object.fromEntries(Object.entries(groups).map(([name, group]) => [name, group[index]])) as LayerWeights
  return {
    config: { embeddingLength, hiddenLength, layers, heads, keyValueHeads, vocabularySize, contextTokens },
    embedding,
    layers: Array.from({ length: layers }, (_, index) => layer(index)),
    outputNorm: take(1, embeddingLength),
  }
}
