import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { bytes32Schema } from '@duckmesh/protocol'
import { z } from 'zod'

const journalSchema = z.object({
  /** Salt of the settings: with another one, nothing of this journal is about the deployment. */
  salt: z.string(),
  /** Block before the first transaction of the deployment. */
  firstBlock: z.int().min(0).optional(),
  /** What was created without the deterministic proxy, by module. */
  created: z.record(z.string(), z.object({ transactionHash: bytes32Schema, initCodeHash: bytes32Schema })),
})

/** What one run of a deployment leaves to the next. */
export type Journal = z.output<typeof journalSchema> & { save(): Promise<void> }

/** A journal that is forgotten with the process. */
export const emptyJournal = (): Journal => ({ salt: '', created: {}, save: async () => undefined })

/** The journal in a file, which does not have to exist. */
export async function openJournal(path: string, salt: string): Promise<Journal> {
  const text = await readOptional(path)
  const found = text === undefined ? undefined : journalSchema.parse(JSON.parse(text))
  const kept = found?.salt === salt ? found : { salt, created: {} }
  const journal: Journal = { ...kept, save: () => writeWhole(path, { ...journal, save: undefined }) }
  return journal
}

/** Text of a file, undefined when there is none. */
export const readOptional = (path: string): Promise<string | undefined> =>
  readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })

/** Writes JSON whole or not at all. */
export async function writeWhole(path: string, value: unknown): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(`${path}.new`, `${JSON.stringify(value, null, 2)}\n`)
  await rename(`${path}.new`, path)
}
