// The tour as a user starts it, in a process of its own: first start, second start, interrupted start, next start.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { descendantsOf, isRunning } from './support/processTree.ts'
import { until } from './support/until.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
/** Longest time for a whole tour, ms: it takes up to 16 jobs to meet both cheats. */
const limit = { timeout: 120_000 }

let stateDir: string
const started = new Set<ChildProcess>()

before(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'duckmesh-tour-'))
})
after(async () => {
  for (const { pid } of started) for (const child of descendantsOf(pid!)) process.kill(child, 'SIGKILL')
  await rm(stateDir, { recursive: true, force: true })
})

/** Starts the tour with `--json`. */
function startTour(...flags: string[]) {
  const args = ['scripts/bootstrap.mjs', 'scripts/tour.ts', '--json', '--state-dir', stateDir, ...flags]
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  started.add(child)
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk) => {
      said[name] += chunk
    })
  }
  const ended = once(child, 'close').then(([code]) => {
    started.delete(child)
    return code as number
  })
  return {
    pid: child.pid!,
    said,
    ended,
    interrupt: () => child.kill('SIGINT'),
    /** The last line of standard output. */
    summary: () => JSON.parse(said.stdout.trimEnd().split('\n').at(-1)!),
  }
}

/** Runs a tour to its end and makes sure that it shows what it promises. */
async function wholeTour() {
  const tour = startTour('--once')
  assert.equal(await tour.ended, 0, tour.said.stderr)
  const summary = tour.summary()
  assert.equal(summary.ok, true)
  assert.equal(summary.conserved, true)
  assert.match(tour.said.stderr, /Every DUCK is accounted for: .* = 1,000,000,000 DUCK\n/)
  assert.ok(summary.jobs.length >= 4)
  assert.equal(summary.jobs.at(-1).isPaidAtOnce, true, 'honest seats agree')
  assert.ok(summary.receiptsVerified >= summary.jobs.filter((job: { text: unknown }) => job.text).length)
  const reasons = Object.fromEntries(
    summary.slashed.map((slash: { provider: string; reason: string }) => [slash.provider, slash.reason]),
  )
  assert.deepEqual(reasons, { magpie: 'copied', cuckoo: 'minority' })
  return summary
}

test('the first start catches both cheats, accounts for every DUCK and ends with 0', limit, async () => {
  const { isResumed } = await wholeTour()
  assert.equal(isResumed, false)
})

// how soon it answers is measured by `npm run bench -- fresh-clone`
test('the second start goes on from the state of the first', limit, async () => {
  const { isResumed } = await wholeTour()
  assert.equal(isResumed, true)
})

test(
  'a second mesh in the same folder is refused; Ctrl-C in the middle of a job leaves no process',
  limit,
  async () => {
    const tour = startTour()
    await until('the mesh begins to start', () => tour.said.stderr.includes('chain'))
    const second = startTour('--once')
    assert.equal(await second.ended, 1)
    const { ok, error } = second.summary()
    assert.deepEqual([ok, error.code], [false, 'STORE_LOCKED'])
    assert.match(
      second.said.stderr,
      /A mesh is already running in .*\(process \d+\)\.\n.*stop it or use another/,
    )
    await until('a job is under way', () => tour.said.stderr.includes('seats drawn'), 60_000)
    const processes = descendantsOf(tour.pid)
    assert.ok(processes.length >= 8, 'tour, chain, coordinator and five providers')
    tour.interrupt()
    assert.equal(await tour.ended, 130)
    await until('all processes have ended', () => !processes.some(isRunning), 5_000)
  },
)

test('a mesh whose process is killed leaves no process either', limit, async () => {
  const tour = startTour()
  await until('a job is under way', () => tour.said.stderr.includes('seats drawn'), 60_000)
  const processes = descendantsOf(tour.pid)
  const [holder = 0] = processes // the one that holds the mesh up is the only child of the bootstrap
  process.kill(holder, 'SIGKILL')
  await until('all processes have ended', () => !processes.some(isRunning), 5_000)
  assert.equal(await tour.ended, 130)
})

test('a start after an interrupted one goes on from its state', limit, async () => {
  const { isResumed } = await wholeTour()
  assert.equal(isResumed, true)
})
