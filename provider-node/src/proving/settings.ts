import { z } from 'zod'

/** Settings of the prover, as environment variables; parse them with the node's others. */
export const proverSettings = z.object({
  /** `auto` takes the native program where it can be built, `native` insists on it. */
  PROVER: z.enum(['auto', 'snarkjs', 'native']).default('auto'),
  /** Proofs that are made at the same time; the native program uses two threads for each. */
  PROVER_SLOTS: z.coerce.number().int().min(1).max(64).default(1),
  /** Proofs that may wait; more are refused. */
  PROVER_QUEUE: z.coerce.number().int().min(0).max(10_000).default(64),
  /** Most memory of each process. */
  PROVER_MEMORY_MIB: z.coerce.number().int().min(256).max(1_048_576).default(2_048),
  /** Folder of released keys, `<circuit>.zkey` and `<circuit>.json`; without it keys for development are made. */
  PROVER_KEYS: z.string().min(1).optional(),
})

export type ProverSettings = z.output<typeof proverSettings>
