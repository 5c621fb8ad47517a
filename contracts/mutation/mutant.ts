import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A fault put into the sources on purpose: the tests must notice it. */
export interface Mutant {
  /** Below contracts/src. */
  file: string
  /** Function, and what goes wrong. */
  name: string
  /** Text of the file, which must occur exactly once. */
  find: string
  replace: string
  /** Why no test can tell it from the original. */
  survives?: string
}

/** Mutants of one file. */
export function mutantsOf(file: string, sites: Omit<Mutant, 'file'>[]): Mutant[] {
  return sites.map((site) => ({ file, ...site }))
}

const sources = join(import.meta.dirname, '../src')

/**
 * The file with the fault in it.
 * @throws Error when the text is not there exactly once: the source changed, and the list has to follow
 */
export function mutatedSource({ file, name, find, replace }: Mutant): string {
  const source = readFileSync(join(sources, file), 'utf8')
  const count = source.split(find).length - 1
  if (count !== 1) throw new Error(`The text of "${name}" occurs ${count} times in ${file}`)
  return source.replace(find, () => replace)
}
