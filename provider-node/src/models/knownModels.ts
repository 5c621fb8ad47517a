import { fileURLToPath } from 'node:url'
import { DuckMeshError } from '@duckmesh/protocol'
import { z } from 'zod'
import registry from '../../models/models.json' with { type: 'json' }

const knownModelSchema = z.strictObject({
  name: z.string(),
  /** File name in the models folder or, when it is fetched on demand, in the cache folder. */
  file: z.string(),
  /** Lower-case hex without 0x. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  sizeBytes: z.int().positive(),
  /** What it makes of text. */
  task: z.enum(['text', 'embedding']),
  /** Whether the file is in the repository; others are fetched on demand. */
  shipped: z.boolean(),
  quantisation: z.string(),
  tokenizer: z.string(),
  licence: z.string(),
  /** Tokens that the model was trained to hold. */
  contextTokens: z.int().positive(),
  source: z.string(),
})

/** A model whose file is pinned by its sha256. */
export type KnownModel = z.output<typeof knownModelSchema>

/** The models of `provider-node/models/models.json`. */
export const knownModels: readonly KnownModel[] = z.array(knownModelSchema).parse(registry)

/** The registry entry of a name. @throws DuckMeshError `UNKNOWN_MODEL` */
export function knownModel(name: string): KnownModel {
  const found = knownModels.find((model) => model.name === name)
  if (found) return found
  const details = { model: name, known: knownModels.map((model) => model.name) }
  throw new DuckMeshError('UNKNOWN_MODEL', `No model is called ${name}.`, details)
}

/** Folder of the models that are shipped with the source. */
export const modelsFolder = fileURLToPath(new URL('../../models', import.meta.url))

/** Folder for what is fetched on demand; safe to delete. */
export const cacheFolder = fileURLToPath(new URL('../../../node_modules/.cache/duckmesh', import.meta.url))
