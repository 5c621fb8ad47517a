import { globSync } from 'node:fs'
import { join, relative } from 'node:path'
import process from 'node:process'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'

export type Counts = { passed: number; failed: number; skipped: number }

/** A test that failed: its name, where it stands, and why. */
export type Failure = { name: string; place: string; why: string }

/** What a suite came to; `unsteady` failed, and passed when its file was run once more by itself. */
export type Outcome = Counts & { failures: Failure[]; unsteady: Failure[] }

type Round = { counts: Map<string, Counts>; failures: Map<string, Failure[]> }

/** Longest time for one test file, ms. */
const FILE_TIMEOUT_MS = 600_000

/**
 * Runs test files under node:test, each in a process of its own. A file in which something failed is run once more when
 * all others are done: tests here start chains, databases and providers and give them seconds, which a machine that
 * stands still for a moment does not have. What fails twice has failed; what does not is told by name, with its error.
 * @param root folder that the patterns and the places of failures start from
 * @param patterns globs of test files; none that matches is a failure
 * @param concurrency files at once
 * @param triesMore whether a failed file is run once more
 */
export async function nodeTests(
  root: string,
  patterns: string[],
  concurrency: number,
  triesMore: boolean,
): Promise<Outcome> {
  const files = patterns.flatMap((pattern) =>
    globSync(pattern, { cwd: root, exclude: (name) => name.includes('node_modules') }),
  )
  if (files.length === 0) {
    const failures = [{ name: patterns.join(' '), place: '', why: 'There are no test files.' }]
    return { passed: 0, failed: 1, skipped: 0, failures, unsteady: [] }
  }
  const paths = files.map((file) => join(root, file))
  const { counts, failures } = await round(root, paths, concurrency)
  const unsteady: Failure[] = []
  if (triesMore && failures.size > 0) {
    console.log(`\n━━ once more: ${[...failures.keys()].map((file) => relative(root, file)).join(', ')}`)
    const again = await round(root, [...failures.keys()], 1)
    for (const [file, earlier] of failures) {
      const stillFailing = again.failures.get(file)
      counts.set(file, again.counts.get(file)!)
      if (stillFailing) failures.set(file, stillFailing)
      else {
        failures.delete(file)
        unsteady.push(...earlier)
      }
    }
  }
  return { ...sum([...counts.values()]), failures: [...failures.values()].flat(), unsteady }
}

async function round(root: string, files: string[], concurrency: number): Promise<Round> {
  const counts = new Map<string, Counts>()
  const failures = new Map<string, Failure[]>()
  const events = run({
    files,
    concurrency,
    timeout: FILE_TIMEOUT_MS,
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
  events.on('test:summary', ({ file, counts: summary }) => {
    if (file === undefined) return // the summary of all files together
    const skipped = summary.skipped + summary.todo
    counts.set(file, {
      passed: summary.passed,
      skipped,
      failed: summary.tests - summary.passed - skipped,
    })
  })
  events.on('test:fail', ({ name, file = name, line = 0, details: { error }, skip, todo }) => {
    // a suite fails with its tests, which are told by themselves
    if (skip || todo || (error as { failureType?: string }).failureType === 'subtestsFailed') return
    const { cause = error } = error
    const why = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
    const failure = { name, place: `${relative(root, file)}:${line}`, why }
    failures.set(file, [...(failures.get(file) ?? []), failure])
  })
  for await (const text of events.compose(new spec())) process.stdout.write(text)
  for (const file of files) {
    const told = failures.get(file) ?? []
    // a file that ends without its tests has no count, and what goes wrong outside of them is in none
    const { passed, failed, skipped } = counts.get(file) ?? { passed: 0, failed: 1, skipped: 0 }
    counts.set(file, { passed, failed: Math.max(failed, told.length), skipped })
    if (failed > 0 && told.length === 0) {
      const why = 'It failed, or ended without a count of its tests, and did not say why.'
      failures.set(file, [{ name: 'the file', place: relative(root, file), why }])
    }
  }
  return { counts, failures }
}

/** Adds counts up. */
export const sum = (all: Counts[]): Counts =>
  all.reduce(
    (total, { passed, failed, skipped }) => ({
      passed: total.passed + passed,
      failed: total.failed + failed,
      skipped: total.skipped + skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  )
