import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Mutant } from './mutant.ts'
import { mutants } from './mutants.ts'

export interface Result {
  mutant: Mutant
  /** Title of the first test that failed; missing when none did. */
  killedBy?: string
}

const record = join(import.meta.dirname, 'results.json')
const page = join(import.meta.dirname, 'results.md')

/** What a mutant is called in the record. */
export function keyOf({ file, name }: Mutant): string {
  return `${file}: ${name}`
}

/** The test that killed each mutant when it was last tried; survivors and mutants never tried are missing. */
export function readResults(): Map<string, string> {
  if (!existsSync(record)) return new Map()
  return new Map(Object.entries(JSON.parse(readFileSync(record, 'utf8')) as Record<string, string>))
}

/** Puts new results into the record, drops mutants that are no longer in the list, writes the page. */
export function writeResults(results: Result[]): void {
  const known = readResults()
  for (const { mutant, killedBy } of results) {
    if (killedBy === undefined) known.delete(keyOf(mutant))
    else known.set(keyOf(mutant), killedBy)
  }
  const kept: Result[] = mutants.map((mutant) => {
    const killedBy = known.get(keyOf(mutant))
    return killedBy === undefined ? { mutant } : { mutant, killedBy }
  })
  const killed = kept.flatMap(({ mutant, killedBy }) => (killedBy ? [[keyOf(mutant), killedBy]] : []))
  writeFileSync(record, `${JSON.stringify(Object.fromEntries(killed), null, 2)}\n`)
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  writeFileSync(page, resultsPage(kept, commit, new Date()))
}

function resultsPage(results: Result[], commit: string, date: Date): string {
  const killed = results.filter(({ killedBy }) => killedBy !== undefined)
  const survivors = results.filter(({ killedBy }) => killedBy === undefined)
  const cell = (text: string) => text.replaceAll('|', '\\|')
  return [
    '# Mutation results',
    '',
    'Written by `node contracts/mutation/mutate.ts`. Each fault is put into the contracts alone; the mocha tests, without',
    'gas figures and proofs, run until the first one fails.',
    '',
    `Last run ${date.toISOString().slice(0, 10)}, on top of commit ${commit}: **${killed.length} of ${results.length} killed**.`,
    '',
    '## Survivors',
    '',
    ...(survivors.length === 0 ? ['None.'] : ['| file | fault | why |', '| --- | --- | --- |']),
    ...survivors.map(
      ({ mutant }) =>
        `| ${mutant.file} | ${cell(mutant.name)} | ${cell(mutant.survives ?? 'not explained: a test is missing')} |`,
    ),
    '',
    '## Killed',
    '',
    '| file | fault | first test that fails |',
    '| --- | --- | --- |',
    ...killed.map(
      ({ mutant, killedBy = '' }) => `| ${mutant.file} | ${cell(mutant.name)} | ${cell(killedBy)} |`,
    ),
    '',
  ].join('\n')
}
