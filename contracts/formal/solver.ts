import { spawn, spawnSync } from 'node:child_process'

/** Options for Horn clauses of solc, as solc passes them when it calls z3 itself. */
const OPTIONS = [
  'rewriter.pull_cheap_ite=true',
  'fp.spacer.q3.use_qgen=true',
  'fp.spacer.mbqi=false',
  'fp.spacer.ground_pobs=false',
]

/** Path of z3, or nothing when this machine has none. DUCKMESH_Z3 names another binary. */
export function findZ3(): string | undefined {
  const path = process.env.DUCKMESH_Z3 ?? 'z3'
  return spawnSync(path, ['--version']).status === 0 ? path : undefined
}

/**
 * Solves one SMT-LIB query.
 * @param z3 path of the binary
 * @param timeoutSeconds after which the answer is `timeout`
 * @param signal ends the solver early; what it printed until then is the answer
 * @returns what z3 prints; for Horn clauses `sat` means that the assertion holds
 */
export function solve(
  z3: string,
  query: string,
  timeoutSeconds: number,
  signal?: AbortSignal,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(z3, [...OPTIONS, `-T:${timeoutSeconds}`, '-in'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    let answer = ''
    signal?.addEventListener('abort', () => child.kill(), { once: true })
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      answer += chunk
    })
    child.on('error', reject)
    child.on('close', () => resolve(answer))
    // z3 closes its end when the time is over before it read everything.
    child.stdin.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') reject(error)
    })
    child.stdin.end(query)
  })
}
