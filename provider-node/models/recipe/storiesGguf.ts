import { quantiseQ4, quantiseQ8 } from './quantise.ts'
import type { Checkpoint, Matrix } from './readCheckpoint.ts'
import type { VocabularyToken } from './readTokenizer.ts'
import { type GgufEntry, type GgufTensor, writeGguf } from './writeGguf.ts'

/** How the matrices are stored; norms always stay float32. */
export type Quantisation = 'Q8_0' | 'Q4_0'

/**
 * Puts a llama2.c model into a GGUF file for llama.cpp. No row is permuted: llama2.c rotates neighbouring pairs of
 * query and key just as llama.cpp's `llama` architecture does. The tied head is expressed by leaving out
 * `output.weight`. llama2.c ends a story with the begin-of-sequence token, so that one is also named as the end.
 */
export function storiesGguf(
  name: string,
  { config, embedding, layers, outputNorm }: Checkpoint,
  vocabulary: readonly VocabularyToken[],
  quantisation: Quantisation,
): Buffer {
  const quantise = quantisation === 'Q8_0' ? quantiseQ8 : quantiseQ4
  const matrix = (tensorName: string, { rows, columns, values }: Matrix): GgufTensor => ({
    name: tensorName,
    dimensions: [columns, rows],
    type: quantisation,
    data: quantise(values),
  })
  const vector = (tensorName: string, { values, columns }: Matrix): GgufTensor => ({
    name: tensorName,
    dimensions: [columns],
    type: 'F32',
    data: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  })
  const tensors = layers.flatMap((layer, index) => [
    vector(`blk.${index}.attn_norm.weight`, layer.attentionNorm),
    matrix(`blk.${index}.attn_q.weight`, layer.query),
    matrix(`blk.${index}.attn_k.weight`, layer.key),
    matrix(`blk.${index}.attn_v.weight`, layer.value),
    matrix(`blk.${index}.attn_output.weight`, layer.attentionOutput),
    vector(`blk.${index}.ffn_norm.weight`, layer.feedForwardNorm),
    matrix(`blk.${index}.ffn_gate.weight`, layer.gate),
    matrix(`blk.${index}.ffn_down.weight`, layer.down),
    matrix(`blk.${index}.ffn_up.weight`, layer.up),
  ])
  return writeGguf(metadata(name, config, vocabulary), [
    matrix('token_embd.weight', embedding),
    ...tensors,
    vector('output_norm.weight', outputNorm),
  ])
}

function metadata(
  name: string,
  config: Checkpoint['config'],
  vocabulary: readonly VocabularyToken[],
): GgufEntry[] {
  const uint32 = (key: string, value: number): GgufEntry => ({ key, type: 'uint32', value })
  return [
    { key: 'general.architecture', type: 'string', value: 'llama' },
    { key: 'general.name', type: 'string', value: name },
    { key: 'general.license', type: 'string', value: 'mit' },
    uint32('llama.context_length', config.contextTokens),
    uint32('llama.embedding_length', config.embeddingLength),
    uint32('llama.block_count', config.layers),
    uint32('llama.feed_forward_length', config.hiddenLength),
    uint32('llama.attention.head_count', config.heads),
    uint32('llama.attention.head_count_kv', config.keyValueHeads),
    uint32('llama.rope.dimension_count', config.embeddingLength / config.heads),
    { key: 'llama.attention.layer_norm_rms_epsilon', type: 'float32', value: 1e-5 },
    uint32('llama.vocab_size', vocabulary.length),
    { key: 'tokenizer.ggml.model', type: 'string', value: 'llama' },
    {
      key: 'tokenizer.ggml.tokens',
      type: 'array',
      of: 'string',
      value: vocabulary.map((token) => token.text),
    },
    {
      key: 'tokenizer.ggml.scores',
      type: 'array',
      of: 'float32',
      value: vocabulary.map((token) => token.score),
    },
    {
      key: 'tokenizer.ggml.token_type',
      type: 'array',
      of: 'int32',
      value: vocabulary.map((token) => token.type),
    },
    uint32('tokenizer.ggml.bos_token_id', 1),
    uint32('tokenizer.ggml.eos_token_id', 1),
    uint32('tokenizer.ggml.unknown_token_id', 0),
    { key: 'tokenizer.ggml.add_bos_token', type: 'boolean', value: true },
    { key: 'tokenizer.ggml.add_eos_token', type: 'boolean', value: false },
  ]
}
