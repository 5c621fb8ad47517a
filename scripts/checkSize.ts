import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Lines after which a file of code needs a reason. */
const SOFT_LIMIT = 300
/** Lines that no file may exceed. */
const HARD_LIMIT = 500

/** Files over the soft limit, each with its reason. */
const REASONS: Record<string, string> = {
  'coordinator/test/relay.test.ts':
    'one coordinator whose bytes, files and log are searched serves all cases',
  'protocol/src/errors/codes.ts': 'one table of all error codes, which are read together',
  'e2e/sealed.test.ts': 'one mesh, its relay and a client by hand serve all cases',
  'sdk/src/actions/market/runJob.test.ts': 'one chain with its contracts serves all cases',
  'sdk/cli/src/main.test.ts': 'one table of calls of the binary',
}

/**
 * Checks the length of every tracked source file.
 * @param root folder of the checkout
 * @returns one sentence for each file that is too long
 */
export function sizeFaults(root: string): string[] {
  const listed = execFileSync('git', ['ls-files', '--', '*.ts', '*.tsx', '*.mjs', '*.sol', '*.circom'], {
    cwd: root,
    encoding: 'utf8',
  })
  const faults: string[] = []
  for (const path of listed.trim().split('\n')) {
    if (path.includes('/generated/')) continue
    const lines = readFileSync(join(root, path), 'utf8').split('\n').length - 1
    if (lines > HARD_LIMIT) faults.push(`${path} has ${lines} lines; the limit is ${HARD_LIMIT}.`)
    else if (lines > SOFT_LIMIT && !REASONS[path]) {
      faults.push(`${path} has ${lines} lines; over ${SOFT_LIMIT} it needs a reason in scripts/checkSize.ts.`)
    }
  }
  return faults
}
