import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A fault put into the sources on purpose: the tests must notice it. */
export interface Mutant {
  /** Below contracts/src. */
  file: string
  /** Test files that should notice, as the beginnings of their paths below contracts/test; they run first. */
  tests: string[]
  /** Function, and what goes wrong. */
  name: string
  /** Text of the file, which must occur exactly once. */
  find: string
  replace: string
  /** Why no test can tell it from the original. */
  survives?: string
}

type Site = Omit<Mutant, 'file' | 'tests'> & { tests?: string[] }

/** Mutants of one file, noticed by these tests unless a site names its own. */
export function mutantsOf(file: string, tests: string[], sites: Site[]): Mutant[] {
  return sites.map((site) => ({ file, tests, ...site }))
}

/** A line that is left out. `line` has no indentation; it must be the only such line. */
export function without(name: string, line: string): Site {
  return { name, find: line, replace: '' }
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
