import { z } from 'zod'
import { quantiseQ8 } from './quantise.ts'
import type { Tensor } from './readSafetensors.ts'
import { type GgufEntry, type GgufTensor, writeGguf } from './writeGguf.ts'

/** Sizes of all-MiniLM-L6-v2. */
const config = { layers: 6, width: 384, hidden: 1_536, heads: 12, contextTokens: 512, epsilon: 1e-12 }
/** Token types of GGUF. */
const [NORMAL, CONTROL] = [1, 3]
/** How llama.cpp marks the beginning of a word. */
const WORD_START = '\u2581'

/** The parts that matter here of a `tokenizer.json` of the WordPiece kind. */
const tokenizerSchema = z.object({
  model: z.object({ type: z.literal('WordPiece'), vocab: z.record(z.string(), z.int().min(0)) }),
  added_tokens: z.array(z.object({ id: z.int() })),
})

/**
 * Puts all-MiniLM-L6-v2 into a GGUF file for llama.cpp's `bert` architecture: matrices as Q8_0, vectors and position
 * tables as float32, mean pooling. llama.cpp marks where a word begins, WordPiece where it goes on (`##`); so the
 * pieces are rewritten, and the special tokens are not.
 * @param tokenizer content of `tokenizer.json`
 * @throws RangeError when a tensor or a token is missing
 */
export function minilmGguf(tensors: ReadonlyMap<string, Tensor>, tokenizer: unknown): Buffer {
  const find = (name: string): Tensor => {
    const tensor = tensors.get(name)
    if (!tensor) throw new RangeError(`The tensor ${name} is missing.`)
    return tensor
  }
  const exact = (name: string, source: string): GgufTensor => {
    const { shape, values } = find(source)
    const data = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    return { name, dimensions: shape.toReversed(), type: 'F32', data }
  }
  const matrix = (name: string, source: string): GgufTensor => {
    const { shape, values } = find(source)
    return { name, dimensions: shape.toReversed(), type: 'Q8_0', data: quantiseQ8(values) }
  }
  const norm = (name: string, source: string) => [
    exact(`${name}.weight`, `${source}.weight`),
    exact(`${name}.bias`, `${source}.bias`),
  ]
  const linear = (name: string, source: string) => [
    matrix(`${name}.weight`, `${source}.weight`),
    exact(`${name}.bias`, `${source}.bias`),
  ]
  const layers = Array.from({ length: config.layers }, (_, index) => {
    const [to, from] = [`blk.${index}`, `encoder.layer.${index}`]
    return [
      ...linear(`${to}.attn_q`, `${from}.attention.self.query`),
      ...linear(`${to}.attn_k`, `${from}.attention.self.key`),
      ...linear(`${to}.attn_v`, `${from}.attention.self.value`),
      ...linear(`${to}.attn_output`, `${from}.attention.output.dense`),
      ...norm(`${to}.attn_output_norm`, `${from}.attention.output.LayerNorm`),
      ...linear(`${to}.ffn_up`, `${from}.intermediate.dense`),
      ...linear(`${to}.ffn_down`, `${from}.output.dense`),
      ...norm(`${to}.layer_output_norm`, `${from}.output.LayerNorm`),
    ]
  })
  return writeGguf(metadata(tokenizerSchema.parse(tokenizer)), [
    matrix('token_embd.weight', 'embeddings.word_embeddings.weight'),
    exact('position_embd.weight', 'embeddings.position_embeddings.weight'),
    exact('token_types.weight', 'embeddings.token_type_embeddings.weight'),
    ...norm('token_embd_norm', 'embeddings.LayerNorm'),
    ...layers.flat(),
  ])
}

function metadata({ model, added_tokens }: z.output<typeof tokenizerSchema>): GgufEntry[] {
  const { vocab } = model
  const special = new Set(added_tokens.map(({ id }) => id))
  const pieces = Object.entries(vocab).toSorted(([, a], [, b]) => a - b)
  if (pieces.some(([, id], index) => id !== index)) throw new RangeError('The vocabulary has gaps.')
  const mark = (text: string) => (text.startsWith('##') ? text.slice(2) : `${WORD_START}${text}`)
  const uint32 = (key: string, value: number | undefined): GgufEntry => {
    if (value === undefined) throw new RangeError(`${key} has no token.`)
    return { key, type: 'uint32', value }
  }
  return [
    { key: 'general.architecture', type: 'string', value: 'bert' },
    { key: 'general.name', type: 'string', value: 'all-MiniLM-L6-v2' },
    { key: 'general.license', type: 'string', value: 'apache-2.0' },
    uint32('bert.block_count', config.layers),
    uint32('bert.context_length', config.contextTokens),
    uint32('bert.embedding_length', config.width),
    uint32('bert.feed_forward_length', config.hidden),
    uint32('bert.attention.head_count', config.heads),
    { key: 'bert.attention.layer_norm_epsilon', type: 'float32', value: config.epsilon },
    { key: 'bert.attention.causal', type: 'boolean', value: false },
    // mean
    uint32('bert.pooling_type', 1),
    { key: 'tokenizer.ggml.model', type: 'string', value: 'bert' },
    { key: 'tokenizer.ggml.pre', type: 'string', value: 'default' },
    uint32('tokenizer.ggml.token_type_count', 2),
    {
      key: 'tokenizer.ggml.tokens',
      type: 'array',
      of: 'string',
      value: pieces.map(([text, id]) => (special.has(id) ? text : mark(text))),
    },
    {
      key: 'tokenizer.ggml.token_type',
      type: 'array',
      of: 'int32',
      value: pieces.map(([, id]) => (special.has(id) ? CONTROL : NORMAL)!),
    },
    uint32('tokenizer.ggml.unknown_token_id', vocab['[UNK]']),
    // the misspelling is the format's
    uint32('tokenizer.ggml.seperator_token_id', vocab['[SEP]']),
    uint32('tokenizer.ggml.padding_token_id', vocab['[PAD]']),
    uint32('tokenizer.ggml.cls_token_id', vocab['[CLS]']),
    uint32('tokenizer.ggml.mask_token_id', vocab['[MASK]']),
    uint32('tokenizer.ggml.bos_token_id', vocab['[CLS]']),
  ]
}
