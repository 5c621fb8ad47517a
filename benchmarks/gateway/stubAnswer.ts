import type { Chunk, ExecutionProfile } from '@duckmesh/protocol'

/** Profile of the simulated engine. */
export const stubProfile: ExecutionProfile = {
  model: '0'.repeat(64),
  name: 'stub',
  quantisation: 'none',
  tokenizer: 'none',
  sampler: { topK: 0, topP: 1, minP: 0 },
  engine: 'simulated',
  kernelClass: 'none',
  contextTokens: 1_024,
}

/** Sixteen tokens. */
export const answerChunks: Chunk[] = Array.from({ length: 16 }, (_, index) => ({
  index,
  text: ` word${index}`,
  tokens: [index],
  logprobs: [-0.5],
}))
