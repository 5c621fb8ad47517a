import { GgmlType, type LlamaModel } from 'node-llama-cpp'

/** What the header of a loaded GGUF file says about the model. */
export type LlamaModelFacts = {
  /** Sum of all weights. */
  parameters: number
  /** Type that holds most of the weights, e.g. `Q8_0`. */
  quantisation: string
  /** Tokenizer algorithm and vocabulary size, e.g. `llama/7522`. */
  tokenizer: string
}

/** Reads the facts from the tensor list and metadata of the file itself, so that a wrong label cannot lie. */
export function llamaModelFacts(model: LlamaModel): LlamaModelFacts {
  const weightsByType = new Map<GgmlType, number>()
  for (const tensor of model.fileInfo.fullTensorInfo ?? []) {
    const weights = tensor.dimensions.reduce<number>((product, size) => product * Number(size), 1)
    weightsByType.set(tensor.ggmlType, (weightsByType.get(tensor.ggmlType) ?? 0) + weights)
  }
  const ranked = [...weightsByType].sort(([, a], [, b]) => b - a)
  const { ggml } = model.fileInfo.metadata.tokenizer
  return {
    parameters: ranked.reduce((sum, [, weights]) => sum + weights, 0),
    quantisation: ranked[0] ? GgmlType[ranked[0][0]] : 'unknown',
    tokenizer: `${ggml.model}/${ggml.tokens.length}`,
  }
}
