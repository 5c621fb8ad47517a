import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Mutant } from './mutant.ts'
import { mutants } from './mutants.ts'
import type { Result } from './trial.ts'

/** One entry of results.json. */
export interface Record {
  file: string
  name: string
  /** Of the text that was replaced and its replacement; another one means that the result is of another fault. */
  fault: string
  outcome: Result['outcome']
  killedBy?: string
  /** Why no test can tell it from the original, as the list says. */
  survives?: string
}

const path = join(import.meta.dirname, 'results.json')

/** What a mutant is called in the record. */
export function keyOf({ file, name }: { file: string; name: string }): string {
  return `${file} ${name}`
}

/** First 16 hexadecimal digits of the SHA-256 of what a mutant changes. */
export function faultOf({ find, replace }: Mutant): string {
  return createHash('sha256')
    .update(JSON.stringify([find, replace]))
    .digest('hex')
    .slice(0, 16)
}

/** The result as it is written down. */
export function recordOf({ mutant, outcome, killedBy }: Result): Record {
  const { file, name, survives } = mutant
  return {
    ...{ file, name, fault: faultOf(mutant), outcome },
    ...(killedBy === undefined ? {} : { killedBy }),
    ...(survives === undefined ? {} : { survives }),
  }
}

/** What became of each mutant when it was last tried, by {@link keyOf}. */
export function readRecords(): Map<string, Record> {
  if (!existsSync(path)) return new Map()
  const records = JSON.parse(readFileSync(path, 'utf8')) as Record[]
  return new Map(records.map((record) => [keyOf(record), record]))
}

/** Puts new results among the old ones; mutants that are no longer in the list go. */
export function writeResults(results: Result[]): void {
  const known = readRecords()
  for (const result of results) known.set(keyOf(result.mutant), recordOf(result))
  const kept = mutants.flatMap((mutant) => {
    const record = known.get(keyOf(mutant))
    return record ? [{ ...record, survives: mutant.survives }] : []
  })
  writeFileSync(path, `${JSON.stringify(kept, null, 2)}\n`)
}
