import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterEach, beforeEach, test } from 'node:test'
import type { Outcome } from './nodeTests.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'duckmesh-tests-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Runs test files of these contents, in a process of its own: node:test does not run inside itself. */
function outcomeOf(files: Record<string, string>, triesMore = true): Outcome {
  for (const [name, body] of Object.entries(files)) {
    const head = `import assert from 'node:assert/strict'\nimport fs from 'node:fs'\nimport { describe, test } from 'node:test'\n`
    writeFileSync(join(folder, `${name}.test.mjs`), `${head}${body}`)
  }
  const program = `
    const { nodeTests } = await import(${JSON.stringify(new URL('nodeTests.ts', import.meta.url).href)})
    const outcome = await nodeTests(${JSON.stringify(folder)}, ['*.test.mjs'], 2, ${triesMore})
    process.stderr.write(JSON.stringify(outcome))`
  const { NODE_TEST_CONTEXT: _context, ...env } = process.env
  writeFileSync(join(folder, 'program.mjs'), program)
  const { stderr } = spawnSync(process.execPath, [join(folder, 'program.mjs')], { env, encoding: 'utf8' })
  return JSON.parse(stderr)
}

const passing = `test('a duck quacks', () => {}); describe('a pond', () => { test('is wet', () => {}); test.skip('is dry') })`
/** Fails as often as there is no file that it leaves behind. */
const unsteady = (mark: string) =>
  `describe('weather', () => { test('holds', () => {
     const isThere = fs.existsSync('${mark}'); fs.writeFileSync('${mark}', ''); assert.ok(isThere, 'it rains') }) })`

test('tests are counted, and those that are skipped by themselves', () => {
  const { failures, ...counts } = outcomeOf({ passing })
  assert.deepEqual([counts, failures], [{ passed: 2, failed: 0, skipped: 1, unsteady: [] }, []])
})

test('what fails twice has failed, and is told once, with its place and its error', () => {
  const failing = `describe('a pond', () => { test('is dry', () => assert.equal(1, 2)) })`
  const { passed, failed, failures, unsteady: none } = outcomeOf({ passing, failing })
  assert.deepEqual([passed, failed, none], [2, 1, []])
  assert.deepEqual([failures[0]!.name, failures.length], ['is dry', 1])
  assert.match(failures[0]!.place, /^failing\.test\.mjs:\d+$/)
  assert.match(failures[0]!.why, /1 !== 2/)
})

test('what fails once is passed and told by name; with nothing tried twice it has failed', () => {
  const flaky = unsteady(join(folder, 'mark'))
  const strict = outcomeOf({ passing, flaky }, false)
  assert.deepEqual([strict.passed, strict.failed, strict.unsteady], [2, 1, []])
  rmSync(join(folder, 'mark'))
  const outcome = outcomeOf({ passing, flaky })
  assert.deepEqual([outcome.passed, outcome.failed, outcome.failures], [3, 0, []])
  assert.deepEqual([outcome.unsteady[0]!.name, outcome.unsteady.length], ['holds', 1])
  assert.match(outcome.unsteady[0]!.why, /it rains/)
})

for (const [what, body] of Object.entries({
  'a file that does not load': 'throw new Error("no duck")',
  'a file that is killed': `test('ends', () => process.kill(process.pid, 'SIGKILL'))`,
  'a file that exits early': `test('ends', async () => { process.exit(0) })`,
  'an error outside of any test': `test('a duck quacks', () => {}); setTimeout(() => { throw new Error('late') }, 20)`,
})) {
  test(`${what} is a failure`, () => {
    const { failed, failures } = outcomeOf({ passing, broken: body })
    assert.ok(failed >= 1)
    assert.ok(failures.length >= 1)
  })
}

test('patterns that find nothing are a failure', () => {
  assert.deepEqual([outcomeOf({}).failed, outcomeOf({}).failures.length], [1, 1])
})
