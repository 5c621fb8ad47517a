import { randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { DuckMeshError, stringifyWire } from '@duckmesh/protocol'
import { parseRunRecord, type RunStore } from '@duckmesh/sdk'

/**
 * Runs as files of a folder, one each, for its owner's eyes alone: they hold prompts and signed orders. A record is on
 * disk, whole, when `save` resolves.
 * @param folder made when it is not there
 */
export const createFileRunStore = (folder: string): RunStore => ({
  load: async (runId) => {
    const path = join(folder, `${runId}.json`)
    const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return undefined
      throw unusable(path, cause)
    })
    return text === undefined ? undefined : parseRunRecord(text)
  },

  save: async (record) => {
    const path = join(folder, `${record.runId}.json`)
    const fresh = join(folder, `${record.runId}.${randomUUID()}.new`)
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const file = await open(fresh, 'wx', 0o600)
      try {
        await file.writeFile(stringifyWire(record, 2))
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(fresh, path)
      await syncFolder(folder)
    } catch (cause) {
      throw unusable(path, cause)
    }
  },
})

/** Makes the new name of a file durable too. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const unusable = (path: string, cause: unknown): DuckMeshError =>
  new DuckMeshError('STORE_UNAVAILABLE', `The run file ${path} cannot be used.`, { path }, { cause })
