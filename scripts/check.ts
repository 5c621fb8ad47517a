// `npm run check`: everything that can be said about the code without running it.
import { spawnSync } from 'node:child_process'
import { dirname } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { linkFaults } from './checkLinks.ts'
import { sizeFaults } from './checkSize.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

const run =
  (command: string, ...args: string[]) =>
  (): string[] => {
    const { status, stdout, stderr } = spawnSync(command, args, {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    })
    return status === 0 ? [] : [`${stdout ?? ''}${stderr ?? ''}`.trim() || `${command} did not run`]
  }

/** Checks by name; each gives what is wrong. */
export const checks: [string, () => string[]][] = [
  ['format, lint and import ranks (biome)', run('biome', 'check', '.')],
  ['types (tsc)', run('tsc', '--noEmit', '-p', 'tsconfig.json')],
  ['types of the contract tests (tsc)', run('tsc', '--noEmit', '-p', 'contracts/tsconfig.json')],
  ['ABI and bytecode are fresh', run(process.execPath, 'scripts/generate.ts', '--check')],
  ['docs/errors.md is fresh', run(process.execPath, 'scripts/generateErrors.ts', '--check')],
  ['file sizes', () => sizeFaults(root)],
  ['links in the documents', () => linkFaults(root)],
]

/** Runs all checks. @returns how many held and how many did not */
export function runChecks(): { passed: number; failed: number } {
  let failed = 0
  for (const [name, check] of checks) {
    const startedMs = Date.now()
    const faults = check()
    const took = `${((Date.now() - startedMs) / 1_000).toFixed(1)} s`
    console.log(`${faults.length === 0 ? '✔' : '✖'} ${name} (${took})`)
    for (const fault of faults) console.log(fault.replace(/^/gm, '    '))
    if (faults.length > 0) failed++
  }
  return { passed: checks.length - failed, failed }
}

if (import.meta.main) process.exitCode = runChecks().failed > 0 ? 1 : 0
