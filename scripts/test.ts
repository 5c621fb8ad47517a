// `npm test`: every suite of the repository, one after another, and one line that counts them.
//   npm test                  all
//   npm test -- sdk e2e       these suites alone
import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { fileURLToPath } from 'node:url'
import { runChecks } from './check.ts'

type Counts = { passed: number; failed: number; skipped: number }

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Longest time for one test file, ms. */
const FILE_TIMEOUT_MS = 600_000

/** Runs test files under node:test; each file is a process of its own. */
async function nodeTests(patterns: string[], concurrency: number): Promise<Counts> {
  const files = patterns.flatMap((pattern) =>
    globSync(pattern, { cwd: root, exclude: (name) => name.includes('node_modules') }),
  )
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 }
  if (files.length === 0) return { ...counts, failed: 1 }
  const events = run({
    files: files.map((file) => join(root, file)),
    concurrency,
    timeout: FILE_TIMEOUT_MS,
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
  events.on('test:summary', ({ file, counts: summary }) => {
    if (file !== undefined) return // the summary of one file; the whole one has no name
    counts.passed = summary.passed
    counts.skipped = summary.skipped + summary.todo
    counts.failed = summary.tests - summary.passed - counts.skipped
  })
  const report = events.compose(new spec())
  for await (const text of report) process.stdout.write(text)
  return counts
}

/** Runs the contract tests under Hardhat and counts from its own totals. */
async function contractTests(): Promise<Counts> {
  const child = spawn('hardhat', ['test'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, FORCE_COLOR: '0' },
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    process.stdout.write(chunk)
    output += chunk.toString('utf8')
  })
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  // the totals over all runners stand unindented at the end; each runner's own, above them, are indented
  const total = (word: string) => Number(output.match(new RegExp(`^(\\d+) ${word}`, 'm'))?.[1] ?? 0)
  const counts = {
    passed: total('passing'),
    failed: total('failing'),
    skipped: total('pending') + total('skipped'),
  }
  // a compiler error has no counts but is a failure all the same
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
}

/** Suites in the order in which they run: what others build on comes first. */
const suites: Record<string, () => Promise<Counts>> = {
  check: async () => ({ ...runChecks(), skipped: 0 }),
  contracts: contractTests,
  protocol: () => nodeTests(['protocol/**/*.test.ts'], 2),
  circuits: () => nodeTests(['circuits/**/*.test.ts'], 1),
  scripts: () => nodeTests(['scripts/**/*.test.ts'], 1),
  infrastructure: () => nodeTests(['infrastructure/**/*.test.ts'], 1),
  gateway: () => nodeTests(['gateway/**/*.test.ts'], 2),
  sdk: () => nodeTests(['sdk/src/**/*.test.ts', 'sdk/test/**/*.test.ts'], 2),
  cli: () => nodeTests(['sdk/cli/**/*.test.ts'], 2),
  coordinator: () => nodeTests(['coordinator/**/*.test.ts'], 1),
  'provider-node': () => nodeTests(['provider-node/**/*.test.ts'], 1),
  e2e: () => nodeTests(['e2e/**/*.test.ts'], 1),
}

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !(name in suites))
if (unknown.length > 0) {
  console.error(`There is no suite ${unknown.join(', ')}. Suites: ${Object.keys(suites).join(', ')}.`)
  process.exit(2)
}

const total: Counts = { passed: 0, failed: 0, skipped: 0 }
const lines: string[] = []
for (const [name, runSuite] of Object.entries(suites)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  console.log(`\n━━ ${name}`)
  const startedMs = Date.now()
  const counts = await runSuite()
  for (const key of ['passed', 'failed', 'skipped'] as const) total[key] += counts[key]
  const took = ((Date.now() - startedMs) / 1_000).toFixed(1)
  lines.push(
    `  ${name.padEnd(14)} ${String(counts.passed).padStart(4)} passed ${String(counts.failed).padStart(3)} failed ${took.padStart(7)} s`,
  )
}
console.log(`\n${lines.join('\n')}\n`)
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : ''
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`)
process.exit(total.failed > 0 ? 1 : 0)
