// `npm test`: every suite of the repository, one after another, and one line that counts them.
//   npm test                  all
//   npm test -- sdk e2e       these suites alone
//   npm test -- --strict      nothing is tried twice
import { spawn } from 'node:child_process'
import { dirname } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { runChecks } from './check.ts'
import { type Counts, type Failure, nodeTests, type Outcome, sum } from './nodeTests.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Runs the contract tests under Hardhat and counts from its own totals. */
async function contractTests(): Promise<Outcome> {
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
  return outcomeOf('contracts', code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts)
}

/** The outcome of a suite that tells its failures itself. */
const outcomeOf = (place: string, counts: Counts): Outcome => {
  const failures = counts.failed > 0 ? [{ name: `${counts.failed} failed`, place, why: 'See above.' }] : []
  return { ...counts, failures, unsteady: [] }
}

const { values: flags, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: { strict: { type: 'boolean', default: false } },
})
const tests = (patterns: string[], concurrency: number) => () =>
  nodeTests(root, patterns, concurrency, !flags.strict)

/** Suites in the order in which they run: what others build on comes first. */
const suites: Record<string, () => Promise<Outcome>> = {
  check: async () => outcomeOf('check', { ...runChecks(), skipped: 0 }),
  contracts: contractTests,
  protocol: tests(['protocol/**/*.test.ts'], 2),
  circuits: tests(['circuits/**/*.test.ts'], 1),
  scripts: tests(['scripts/**/*.test.ts'], 1),
  infrastructure: tests(['infrastructure/**/*.test.ts'], 1),
  gateway: tests(['gateway/**/*.test.ts'], 2),
  sdk: tests(['sdk/src/**/*.test.ts', 'sdk/test/**/*.test.ts'], 2),
  cli: tests(['sdk/cli/**/*.test.ts'], 2),
  coordinator: tests(['coordinator/**/*.test.ts'], 1),
  'provider-node': tests(['provider-node/**/*.test.ts'], 1),
  e2e: tests(['e2e/**/*.test.ts'], 1),
}

const unknown = wanted.filter((name) => !(name in suites))
if (unknown.length > 0) {
  console.error(`There is no suite ${unknown.join(', ')}. Suites: ${Object.keys(suites).join(', ')}.`)
  process.exit(2)
}

const outcomes: Outcome[] = []
const lines: string[] = []
for (const [name, runSuite] of Object.entries(suites)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  console.log(`\n━━ ${name}`)
  const startedMs = Date.now()
  const outcome = await runSuite()
  outcomes.push(outcome)
  const took = ((Date.now() - startedMs) / 1_000).toFixed(1)
  const [passed, failed] = [String(outcome.passed).padStart(4), String(outcome.failed).padStart(3)]
  lines.push(`  ${name.padEnd(14)} ${passed} passed ${failed} failed ${took.padStart(7)} s`)
}
const tell = (title: string, failures: Failure[]) => {
  if (failures.length > 0) console.log(`\n━━ ${title}`)
  for (const { name, place, why } of failures) console.log(`\n${place} ${name}\n${why.replace(/^/gm, '  ')}`)
}
tell(
  'failed once, and passed when its file was run again',
  outcomes.flatMap(({ unsteady }) => unsteady),
)
tell(
  'failed',
  outcomes.flatMap(({ failures }) => failures),
)
const total = sum(outcomes)
console.log(`\n${lines.join('\n')}\n`)
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : ''
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`)
process.exit(total.failed > 0 ? 1 : 0)
