import { z } from 'zod'

/**
 * The conditions under which two results may be compared: same artefact, same sampler rules, same engine, same
 * class of CPU kernels. Its canonical hash is `order.policy`.
 */
export const executionProfileSchema = z.strictObject({
  /** sha256 of the model file, lower-case hex without 0x. */
  model: z.string().regex(/^[0-9a-f]{64}$/),
  /** Short name for people, e.g. `stories15m`. */
  name: z.string().min(1).max(64),
  quantisation: z.string().min(1).max(32),
  tokenizer: z.string().min(1).max(64),
  /** Which sampler settings apply beyond temperature and seed, which are in the request. */
  sampler: z.strictObject({ topK: z.int(), topP: z.number(), minP: z.number() }),
  /** Engine and version, e.g. `node-llama-cpp@3.22.1`. */
  engine: z.string().min(1).max(128),
  /** Class of CPU or GPU kernels with identical arithmetic, e.g. `avx512`. */
  kernelClass: z.string().min(1).max(32),
  /** Tokens of prompt plus answer. */
  contextTokens: z.int().min(1),
})
export type ExecutionProfile = z.output<typeof executionProfileSchema>
