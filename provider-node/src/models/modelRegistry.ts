import { stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { DuckMeshError } from '@duckmesh/protocol'
import type { Hex } from 'viem'
import { cacheFolder, type KnownModel, knownModels, modelsFolder } from './knownModels.ts'
import { sha256File } from './sha256File.ts'

/** A model file that is there and whose content was hashed. */
export type ResolvedModel = {
  /** Name in the registry, or the file name without `.gguf` for a file of one's own. */
  name: string
  path: string
  /** Lower-case hex without 0x. */
  sha256: string
  /** `0x` + sha256: `order.modelId`. */
  modelId: Hex
  sizeBytes: number
  /** The registry entry, when the content is that of a known model. */
  known?: KnownModel
}

export type ResolveModelOptions = {
  /** Folders to look in, first to last. @default the shipped models, then the cache of fetched ones */
  folders?: readonly string[]
}

/**
 * Finds a model file and hashes it. A known model must have the pinned sha256; a file of one's own is taken as
 * it is, and recognised when its content is that of a known model.
 *
 * @param nameOrPath a name or modelId of the registry, or a path that ends in `.gguf`
 * @throws DuckMeshError `UNKNOWN_MODEL` for a name that is not in the registry, `BAD_CONFIG` when the file is
 * missing, `MODEL_CORRUPT` when its sha256 is wrong
 */
export async function resolveModel(
  nameOrPath: string,
  options: ResolveModelOptions = {},
): Promise<ResolvedModel> {
  const known = knownModels.find(({ name, sha256 }) => name === nameOrPath || `0x${sha256}` === nameOrPath)
  if (known) return resolveKnownModel(known, options.folders ?? [modelsFolder, cacheFolder])
  if (!nameOrPath.endsWith('.gguf')) {
    const names = knownModels.map(({ name }) => name)
    throw new DuckMeshError('UNKNOWN_MODEL', `No model is called ${nameOrPath}.`, {
      model: nameOrPath,
      known: names,
    })
  }
  const path = resolve(nameOrPath)
  const sizeBytes = await fileSize(path)
  if (sizeBytes === undefined) throw missing(nameOrPath, [path])
  const sha256 = await sha256File(path)
  const recognised = knownModels.find((model) => model.sha256 === sha256)
  return {
    name: recognised?.name ?? basename(path, '.gguf'),
    path,
    sha256,
    modelId: `0x${sha256}`,
    sizeBytes,
    ...(recognised && { known: recognised }),
  }
}

/**
 * Finds the file of a known model in the first folder that has it, and checks its sha256.
 * @throws DuckMeshError `BAD_CONFIG` when no folder has it, `MODEL_CORRUPT` when its sha256 is wrong
 */
export async function resolveKnownModel(
  known: KnownModel,
  folders: readonly string[],
): Promise<ResolvedModel> {
  const { name, sha256, sizeBytes } = known
  const paths = folders.map((folder) => join(folder, known.file))
  for (const path of paths) {
    const foundBytes = await fileSize(path)
    if (foundBytes === undefined) continue
    const found = await sha256File(path)
    if (found !== sha256) {
      const details = { model: name, path, expectedSha256: sha256, foundSha256: found, sizeBytes, foundBytes }
      throw new DuckMeshError('MODEL_CORRUPT', `The file of ${name} is not the pinned one.`, details)
    }
    return { name, path, sha256, modelId: `0x${sha256}`, sizeBytes, known }
  }
  throw missing(name, paths)
}

function missing(model: string, lookedIn: readonly string[]): DuckMeshError {
  const message = `The file of the model ${model} is not there.`
  return new DuckMeshError('BAD_CONFIG', message, { setting: 'model', model, lookedIn })
}

/** Size of a regular file in bytes; undefined when there is none. */
async function fileSize(path: string): Promise<number | undefined> {
  try {
    const found = await stat(path)
    return found.isFile() ? found.size : undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
